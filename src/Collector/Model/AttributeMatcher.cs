using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Collector.Model;

/// <summary>
/// Looks for an attribute in a row's context or resource: a member of the object <c>attributes</c>, or else of the
/// object itself. Text equals as it is, numbers as numbers.
/// </summary>
internal sealed class AttributeMatcher(AttributeCondition condition)
{
    // As deep as a context may be nested, and its own levels.
    private static readonly JsonReaderOptions _json = new() { MaxDepth = 128 };

    private readonly byte[] _name = Encoding.UTF8.GetBytes(condition.Name);
    private readonly byte[] _value = Encoding.UTF8.GetBytes(condition.Value);

    public bool Matches(ReadOnlySpan<byte> json)
    {
        // Most rows don't have the name, and this search finds that out at once. A name with an escape in it
        // is written otherwise, so those rows are read.
        if (json.IsEmpty || (json.IndexOf(_name) < 0 && !json.Contains((byte)'\\')))
        {
            return false;
        }

        var reader = new Utf8JsonReader(json, _json);
        try
        {
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject && IsInObject(ref reader, mayDescend: true);
        }
        catch (JsonException)
        {
            return false; // Written by another program.
        }
    }

    private bool IsInObject(ref Utf8JsonReader reader, bool mayDescend)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isWanted = reader.ValueTextEquals(_name);
            var isAttributes = mayDescend && reader.ValueTextEquals("attributes"u8);
            reader.Read();
            if (isAttributes && reader.TokenType == JsonTokenType.StartObject)
            {
                if (IsInObject(ref reader, mayDescend: false))
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

    private bool Holds(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Number => condition.Number is { } number && reader.TryGetDouble(out var value)
            && new NumberCondition(condition.Comparison, number).Holds(value),
        JsonTokenType.String => IsText(ref reader),
        JsonTokenType.True => condition is { Comparison: Comparison.Equal, Value: "true" },
        JsonTokenType.False => condition is { Comparison: Comparison.Equal, Value: "false" },
        _ => false,
    };

    // Large integers and numbers of some producers come as text.
    private bool IsText(ref Utf8JsonReader reader) =>
        condition.Comparison == Comparison.Equal && reader.ValueTextEquals(_value)
        || (condition.Number is { } number && reader.ValueSpan.Length <= 32
            && double.TryParse(reader.ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            && new NumberCondition(condition.Comparison, number).Holds(value));
}
