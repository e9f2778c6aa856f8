using System.Text.Json;

namespace Collector.Commands.Import;

/// <summary>Whether an object is a tail item, so that one that is not costs nothing but itself.</summary>
internal static class TailText
{
    private static readonly JsonReaderOptions _deep = new() { MaxDepth = 1024 };

    private static readonly string[] _members = ["event", "eventTimestamp", "logs", "exceptions", "scriptName", "outcome"];

    /// <summary>What is wrong with it; null where it is one.</summary>
    public static string? FaultOf(ReadOnlySpan<byte> item)
    {
        try
        {
            var reader = new Utf8JsonReader(item, _deep);
            var isItem = false;
            while (reader.Read())
            {
                isItem |= reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.PropertyName && IsMember(ref reader);
            }

            return isItem ? null : $"not a tail item: it has none of {string.Join(", ", _members)}";
        }
        catch (JsonException error)
        {
            return $"not valid JSON at byte {error.BytePositionInLine} of its line {error.LineNumber + 1}";
        }
    }

    private static bool IsMember(ref Utf8JsonReader reader)
    {
        foreach (var member in _members)
        {
            if (reader.ValueTextEquals(member))
            {
                return true;
            }
        }

        return false;
    }
}
