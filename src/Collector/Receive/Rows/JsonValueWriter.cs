using System.Text.Json;
using Collector.Model;

namespace Collector.Receive.Rows;

/// <summary>Writes JSON values into contexts, by the rules of <see cref="ValueWriter"/>.</summary>
internal sealed class JsonValueWriter(RowBatch batch, SecretNames secrets, MappingContext tools, JsonTable table, JsonTexts text)
{
    private readonly ValueWriter _values = tools.Values;

    /// <summary>Adds a member of the producer's to the object that stands open; what does not fit becomes null.</summary>
    public void Member(JsonValue name, JsonValue value, string section)
    {
        var plain = text.Plain(name, out _);
        var secrecy = secrets.Of(plain);
        var place = name.Text.IsBuilt ? new Place(section) : new Place(section, name.Text);
        if (tools.Context.TryName(plain, place))
        {
            Value(value, secrecy, place);
        }
        else
        {
            tools.Notes.Add(section, ContextWriter.TooLong);
        }
    }

    /// <summary>Adds a member that we name, if there is a value.</summary>
    public void Named(ReadOnlySpan<byte> quotedName, JsonValue value, string place)
    {
        if (value.IsPresent)
        {
            tools.Json.Name(quotedName);
            Value(value, Secrecy.None, new Place(place));
        }
    }

    /// <summary>The value as JSON in the place of a text; false where it did not fit, and nothing was written.</summary>
    public bool TryWrite(JsonValue value, Secrecy secrecy, in Place place)
    {
        var start = _values.Begin();
        Write(value, secrecy, place, 1);
        return _values.TryEnd(start);
    }

    private void Value(JsonValue value, Secrecy secrecy, in Place place)
    {
        if (TryWrite(value, secrecy, place))
        {
            return;
        }

        if (value.IsString && secrecy != Secrecy.Secret)
        {
            tools.Context.CutText(text.Plain(value, out _), place);
            return;
        }

        tools.Context.LeaveOut(place, value.Text.Length);
    }

    private void Write(JsonValue value, Secrecy secrecy, in Place place, int depth)
    {
        switch (value.Kind)
        {
            case JsonTokenType.String:
                var plain = text.Plain(value, out var isSound);
                _values.Text(plain, secrecy, place, isSound);
                break;
            case JsonTokenType.StartObject or JsonTokenType.StartArray when depth > ValueWriter.MaxDepth:
                _values.TooDeep(place);
                break;
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                Nested(value, secrecy, place, depth);
                break;
            default:
                // What was built may move while it is written.
                _values.Literal(value.Text.IsBuilt ? batch.Text(value.Text).ToArray() : batch.Text(value.Text));
                break;
        }
    }

    private void Nested(JsonValue value, Secrecy secrecy, in Place place, int depth)
    {
        tools.Json.Raw(value.IsObject ? (byte)'{' : (byte)'[');
        for (var walk = table.Walk(value); walk.Next() && _values.Fits;)
        {
            var inner = secrecy;
            if (!value.IsObject)
            {
                tools.Json.Comma();
            }
            else if (!_values.TryMember(text.Plain(walk.Name, out _), secrecy, place, out inner))
            {
                return;
            }

            Write(walk.Value, inner, place, depth + 1);
        }

        tools.Json.Raw(value.IsObject ? (byte)'}' : (byte)']');
    }
}
