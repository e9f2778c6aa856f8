using System.Text.Json;
using Collector.Model;

namespace Collector.Receive.Rows;

/// <summary>A JSON value of a <see cref="JsonTable"/>. The default is a member that is missing.</summary>
/// <param name="Kind">Its first token.</param>
/// <param name="Text">A scalar's text, without a string's quotes; empty for objects and arrays.</param>
/// <param name="Node">Its place in the table; 0: none.</param>
/// <param name="IsEscaped">A string with escapes in it.</param>
internal readonly record struct JsonValue(JsonTokenType Kind, Slice Text, int Node = 0, bool IsEscaped = false)
{
    /// <summary>There is a value, and not null.</summary>
    public bool IsPresent => Kind is not (JsonTokenType.None or JsonTokenType.Null);

    public bool IsObject => Kind == JsonTokenType.StartObject;

    public bool IsArray => Kind == JsonTokenType.StartArray;

    public bool IsString => Kind == JsonTokenType.String;

    public bool IsNumber => Kind == JsonTokenType.Number;

    /// <summary>For notes.</summary>
    public string KindName => NameOf(Kind);

    /// <summary>What the value that begins with a token is called in a sentence.</summary>
    public static string NameOf(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        _ => "null",
    };
}
