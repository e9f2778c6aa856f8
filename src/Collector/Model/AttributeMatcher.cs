using System.Text;
using System.Text.Json;

namespace Collector.Model;

/// <summary>
/// Looks for an attribute in a row's context or resource: a member of the objects <c>attributes</c> and <c>body</c>, or else of the
/// object itself; one within others by its path (<c>http.req.id</c>), one that came several times by any of its values, an array by
/// any of its elements. Text equals text as it is, numbers equal numbers exactly.
/// </summary>
internal sealed class AttributeMatcher
{
    // As deep as a context may be nested, and its own levels.
    private static readonly JsonReaderOptions _json = new() { MaxDepth = 128 };

    private readonly AttributeCondition _condition;
    private readonly byte[] _name;
    private readonly byte[] _lastPart;
    private readonly byte[] _value;
    private readonly ExactNumber? _number;

    public AttributeMatcher(AttributeCondition condition)
    {
        _condition = condition;
        _name = Encoding.UTF8.GetBytes(condition.Name);
        _lastPart = _name[(_name.AsSpan().LastIndexOf((byte)'.') + 1)..];
        _value = Encoding.UTF8.GetBytes(condition.Value);
        _number = ExactNumber.TryParse(_value, out var number) ? number : null;
    }

    public bool Matches(ReadOnlySpan<byte> json)
    {
        // Most rows don't have the name, and this search finds that out at once. A name with an escape in it
        // is written otherwise, so those rows are read.
        if (json.IsEmpty || (json.IndexOf(_lastPart) < 0 && !json.Contains((byte)'\\')))
        {
            return false;
        }

        var reader = new Utf8JsonReader(json, _json);
        try
        {
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject && IsInObject(ref reader, 0, isTop: true);
        }
        catch (JsonException)
        {
            return false; // Written by another program.
        }
    }

    // The path is the name from a place on: what stands before is the way to this object.
    private bool IsInObject(ref Utf8JsonReader reader, int from, bool isTop)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isWanted = reader.ValueTextEquals(_name.AsSpan(from));
            var rest = isWanted ? 0 : PlaceBehind(ref reader, from);
            var isAttributes = isTop && (reader.ValueTextEquals("attributes"u8) || reader.ValueTextEquals("body"u8));
            var areRepeats = isTop && reader.ValueTextEquals("repeated_attributes"u8);
            reader.Read();
            if (isAttributes && reader.TokenType == JsonTokenType.StartObject)
            {
                // "body.x" and "attributes.x" are paths too.
                var whole = reader;
                if (IsInObject(ref reader, from, isTop: false) || (rest > 0 && IsInObject(ref whole, rest, isTop: false)))
                {
                    return true;
                }
            }
            else if (areRepeats && reader.TokenType == JsonTokenType.StartArray)
            {
                if (IsRepeated(ref reader))
                {
                    return true;
                }
            }
            else if (rest > 0 && reader.TokenType == JsonTokenType.StartObject)
            {
                if (IsInObject(ref reader, rest, isTop: false))
                {
                    return true;
                }
            }
            else if (isWanted && Holds(ref reader))
            {
                return true;
            }
            else
            {
                reader.Skip();
            }
        }

        return false;
    }

    // [{"key":"a","value":1}]: what stood behind the first of its name.
    private bool IsRepeated(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            reader.Read();
            reader.Read();
            var isWanted = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(_name);
            reader.Read();
            reader.Read();
            if (isWanted && Holds(ref reader))
            {
                return true;
            }

            reader.Skip();
            reader.Read();
        }

        return false;
    }

    // Where the path goes on behind this member; 0 where it does not go through it.
    private int PlaceBehind(ref Utf8JsonReader reader, int from)
    {
        var path = _name.AsSpan(from);
        var name = reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(reader.GetString()!) : reader.ValueSpan;
        return path.Length > name.Length + 1 && path[name.Length] == '.' && path.StartsWith(name) ? from + name.Length + 1 : 0;
    }

    private bool Holds(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return IsScalar(ref reader);
        }

        // On a copy, so that the caller can still skip the whole array.
        var elements = reader;
        while (elements.Read() && elements.TokenType != JsonTokenType.EndArray)
        {
            if (IsScalar(ref elements))
            {
                return true;
            }

            elements.Skip();
        }

        return false;
    }

    private bool IsScalar(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Number => IsNumber(reader.ValueSpan),
        JsonTokenType.String when _condition.Comparison == Comparison.Equal => reader.ValueTextEquals(_value),
        // Numbers of some producers come as text.
        JsonTokenType.String => !reader.ValueIsEscaped && IsNumber(reader.ValueSpan),
        JsonTokenType.True => _condition is { Comparison: Comparison.Equal, Value: "true" },
        JsonTokenType.False => _condition is { Comparison: Comparison.Equal, Value: "false" },
        _ => false,
    };

    private bool IsNumber(ReadOnlySpan<byte> text)
    {
        if (_number is not { } wanted || !ExactNumber.TryParse(text, out var number))
        {
            return false;
        }

        var order = number.CompareTo(wanted);
        return _condition.Comparison switch
        {
            Comparison.Equal => order == 0,
            Comparison.Less => order < 0,
            Comparison.LessOrEqual => order <= 0,
            Comparison.Greater => order > 0,
            _ => order >= 0,
        };
    }
}
