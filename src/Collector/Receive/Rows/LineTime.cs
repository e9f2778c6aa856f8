using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Collector.Model;

namespace Collector.Receive.Rows;

/// <summary>
/// Reads the time that a logger wrote into its line: a text with its offset, or seconds, milliseconds, microseconds or nanoseconds
/// since 1970, which its size tells. A time of day without an offset may be anybody's, so it is none. Nothing here throws.
/// </summary>
internal static class LineTime
{
    // 2000 and 2100, in seconds: a number outside of these, in whatever unit, is no time of an event.
    private const long Earliest = 946_684_800;
    private const long Latest = 4_102_444_800;

    private const int LongestText = 40;

    public static bool TryRead(ReadOnlySpan<byte> text, out ulong nanos)
    {
        nanos = 0;
        if (text.Length is < 10 or > LongestText)
        {
            return false;
        }

        if (Utf8Parser.TryParse(text, out decimal number, out var used) && used == text.Length)
        {
            return TryNumber(number, out nanos);
        }

        Span<char> characters = stackalloc char[LongestText];
        return HasOffset(text) && Encoding.UTF8.TryGetChars(text, characters, out var length)
            && Timestamps.TryParse(characters[..length], out nanos);
    }

    public static bool TryNumber(decimal number, out ulong nanos)
    {
        nanos = 0;
        if (number < Earliest || number > Latest * 1_000_000_000m)
        {
            return false;
        }

        var unit = 1_000_000_000L;
        while (number * unit > Latest * 1_000_000_000m)
        {
            unit /= 1000;
        }

        nanos = (ulong)(number * unit);
        return nanos >= Earliest * 1_000_000_000UL;
    }

    private static bool HasOffset(ReadOnlySpan<byte> text)
    {
        var rest = text[10..];
        return text[4] == '-' && text[7] == '-'
            && (rest.IndexOfAny("Zz"u8) >= 0 || rest.IndexOfAny("+-"u8) > 0 || rest.EndsWith(" UTC"u8));
    }
}
