using System.Text.Json;
using Collector.Model;

namespace Collector.Receive.Tail;

/// <summary>A JSON value where it stands in a batch, not read yet. The default is a member that is not there.</summary>
/// <param name="Kind">Its first token.</param>
/// <param name="Raw">All of its text, a string's quotes included.</param>
internal readonly record struct JsonValue(JsonTokenType Kind, Slice Raw)
{
    /// <summary>There is a value, and not null.</summary>
    public bool IsPresent => Kind is not (JsonTokenType.None or JsonTokenType.Null);

    public bool IsObject => Kind == JsonTokenType.StartObject;

    public bool IsArray => Kind == JsonTokenType.StartArray;

    public bool IsString => Kind == JsonTokenType.String;

    public bool IsNumber => Kind == JsonTokenType.Number;

    /// <summary>For notes.</summary>
    public string KindName => Kind switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        _ => "null",
    };
}
