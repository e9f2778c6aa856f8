using System.Text.Json;
using Collector.Model;
using Collector.Protobuf;
using Collector.Receive.Rows;

namespace Collector.Receive.Tail;

/// <summary>Copies JSON values into contexts: secrets left out, broken text repaired, deep nesting cut.</summary>
internal sealed class TailValues(RowBatch batch, SecretNames secrets, MappingContext tools, TailText text)
{
    private const string TooLong = "left out, row too long";

    // Room for a short value, so that not every name is followed by null.
    private const int SmallestMember = 16;

    private readonly JsonText _json = tools.Json;

    // What stands there is cut short, and will be taken back.
    private bool _overflowed;

    /// <summary>Adds a member of the producer's to the object that stands open; what does not fit becomes null.</summary>
    public void Member(Slice name, JsonValue value, string section)
    {
        var plain = text.Plain(name, out _);
        if (plain.Length + SmallestMember > _json.RoomLeft)
        {
            tools.Notes.Add(section, TooLong);
            return;
        }

        var secrecy = secrets.Of(plain);
        var place = name.IsBuilt ? new Place(section) : new Place(section, name);
        NoteIfRepaired(_json.Key(plain), place);
        Value(value, secrecy, place);
    }

    /// <summary>Adds a member that we name, if there is a value.</summary>
    public void Named(ReadOnlySpan<byte> quotedName, JsonValue value, string place)
    {
        if (value.IsPresent)
        {
            _json.Name(quotedName);
            Value(value, Secrecy.None, new Place(place));
        }
    }

    /// <summary>The value as JSON in the place of a text; false where it did not fit, and nothing was written.</summary>
    public bool TryWrite(JsonValue value, Secrecy secrecy, in Place place)
    {
        var start = _json.Length;
        _overflowed = false;
        Write(value, secrecy, place, 1);
        if (Fits())
        {
            return true;
        }

        _json.Truncate(start);
        return false;
    }

    private void Value(JsonValue value, Secrecy secrecy, in Place place)
    {
        if (!TryWrite(value, secrecy, place))
        {
            _json.Raw("null"u8);
            tools.Notes.Add(place, TooLong);
        }
    }

    private void Write(JsonValue value, Secrecy secrecy, in Place place, int depth)
    {
        switch (value.Kind)
        {
            case JsonTokenType.String when secrecy == Secrecy.Secret:
                _json.Raw("\"REDACTED\""u8);
                break;
            case JsonTokenType.String:
                Text(value, place);
                break;
            case JsonTokenType.StartObject or JsonTokenType.StartArray when depth > OtlpSchema.MaxValueDepth:
                _json.Raw("\"(nested deeper than 64)\""u8);
                tools.Notes.Add(place, "nested deeper than 64, cut");
                break;
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                Nested(value, secrecy, place, depth);
                break;
            case JsonTokenType.Number when value.Raw.Length > _json.RoomLeft:
                _overflowed = true;
                break;
            default:
                Scalar(value.Raw);
                break;
        }
    }

    private void Text(JsonValue value, in Place place)
    {
        var plain = text.Plain(TailText.Inner(value), out var isSound);
        if (plain.Length > _json.RoomLeft)
        {
            _overflowed = true;
            return;
        }

        NoteIfRepaired(_json.String(plain) & isSound, place);
    }

    private void Scalar(Slice raw)
    {
        if (raw.IsBuilt)
        {
            _json.Copy(raw);
            return;
        }

        _json.Raw(batch.Text(raw));
    }

    private void Nested(JsonValue value, Secrecy secrecy, in Place place, int depth)
    {
        _json.Raw(value.IsObject ? (byte)'{' : (byte)'[');
        for (var walk = new JsonWalk(batch, value); walk.Next() && Fits();)
        {
            var inner = secrecy;
            if (value.IsObject)
            {
                var name = text.Plain(walk.Name, out _);
                if (name.Length > _json.RoomLeft)
                {
                    _overflowed = true;
                    return;
                }

                var isSecret = secrecy == Secrecy.Headers && secrets.IsSecretHeader(name);
                inner = isSecret ? Secrecy.Secret : secrets.Of(name);
                NoteIfRepaired(_json.Key(name), place);
            }
            else
            {
                _json.Comma();
            }

            Write(walk.Value, inner, place, depth + 1);
        }

        _json.Raw(value.IsObject ? (byte)'}' : (byte)']');
    }

    private bool Fits()
    {
        _overflowed |= _json.RoomLeft < 0;
        return !_overflowed;
    }

    private void NoteIfRepaired(bool valid, in Place place)
    {
        if (!valid)
        {
            tools.Notes.Add(place, Notes.Repaired);
        }
    }
}
