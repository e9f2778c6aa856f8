using System.Buffers.Text;
using System.Globalization;

namespace Collector.Model;

/// <summary>
/// Times as nanoseconds since 1970 and as the text of the columns: ISO-8601, UTC, nine decimals, 30 characters, so
/// that text order is time order. An unsigned count lasts until the year 2554.
/// </summary>
internal static class Timestamps
{
    public const int TextLength = 30;

    /// <summary>The end of 2553, the latest time that <see cref="TryParse"/> takes: no question reaches further.</summary>
    public const ulong Latest = 18_429_292_799_999_999_999;

    private const ulong NanosPerSecond = 1_000_000_000;

    public static ulong ToNanos(DateTimeOffset time) =>
        (ulong)Math.Max(0, (time.UtcDateTime - DateTime.UnixEpoch).Ticks) * 100;

    /// <summary>Writes exactly <see cref="TextLength"/> bytes.</summary>
    public static void Write(ulong nanos, Span<byte> target)
    {
        var time = DateTime.UnixEpoch.AddTicks((long)(nanos / NanosPerSecond) * TimeSpan.TicksPerSecond);
        TwoDigits(target, 0, time.Year / 100);
        TwoDigits(target, 2, time.Year % 100);
        target[4] = (byte)'-';
        TwoDigits(target, 5, time.Month);
        target[7] = (byte)'-';
        TwoDigits(target, 8, time.Day);
        target[10] = (byte)'T';
        TwoDigits(target, 11, time.Hour);
        target[13] = (byte)':';
        TwoDigits(target, 14, time.Minute);
        target[16] = (byte)':';
        TwoDigits(target, 17, time.Second);
        target[19] = (byte)'.';
        Utf8Formatter.TryFormat(nanos % NanosPerSecond, target[20..], out _, new System.Buffers.StandardFormat('D', 9));
        target[29] = (byte)'Z';
    }

    public static string ToText(ulong nanos)
    {
        Span<byte> text = stackalloc byte[TextLength];
        Write(nanos, text);
        return System.Text.Encoding.ASCII.GetString(text);
    }

    /// <summary>Reads ISO-8601 with up to nine decimals; no offset means UTC. Does not throw.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ulong nanos)
    {
        nanos = 0;
        // DateTimeOffset keeps seven decimals, so the fraction of the second is read here.
        var dot = text.IndexOf('.');
        var fraction = 0UL;
        var whole = text.ToString();
        if (dot >= 0)
        {
            var digits = text[(dot + 1)..];
            var end = digits.IndexOfAnyExceptInRange('0', '9');
            digits = end < 0 ? digits : digits[..end];
            if (digits.Length is 0 or > 9)
            {
                return false;
            }

            fraction = ulong.Parse(digits.ToString().PadRight(9, '0'), CultureInfo.InvariantCulture);
            whole = string.Concat(text[..dot], text[(dot + 1 + digits.Length)..]);
        }

        const DateTimeStyles styles = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (whole.Length < 8 || !DateTimeOffset.TryParse(whole, CultureInfo.InvariantCulture, styles, out var time)
            || time < DateTimeOffset.UnixEpoch || time.Year > 2553)
        {
            return false;
        }

        nanos = ToNanos(time) + fraction;
        return true;
    }

    /// <summary>Reads the text of a column; does not throw, and gives 0 for any other text.</summary>
    public static ulong FromColumn(ReadOnlySpan<byte> text) =>
        text.Length == TextLength && TryReadColumn(text, out var nanos) ? nanos : 0;

    /// <summary>Whether it is the text of a column, as <see cref="Write"/> writes it. Does not throw.</summary>
    public static bool IsColumn(ReadOnlySpan<byte> text) => text.Length == TextLength && TryReadColumn(text, out _);

    private static bool TryReadColumn(ReadOnlySpan<byte> text, out ulong nanos)
    {
        nanos = 0;
        if (!Number(text, 0, 4, out var year) || !Number(text, 5, 2, out var month) || !Number(text, 8, 2, out var day)
            || !Number(text, 11, 2, out var hour) || !Number(text, 14, 2, out var minute)
            || !Number(text, 17, 2, out var second) || !Number(text, 20, 9, out var fraction)
            || year is < 1970 or > 2554 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
        {
            return false;
        }

        var days = (new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Utc) - DateTime.UnixEpoch).Ticks;
        var seconds = (ulong)(days / TimeSpan.TicksPerSecond) + (ulong)((hour * 3600) + (minute * 60) + second);
        nanos = (seconds * NanosPerSecond) + (ulong)fraction;
        return true;
    }

    private static bool Number(ReadOnlySpan<byte> text, int offset, int length, out int value) =>
        Utf8Parser.TryParse(text.Slice(offset, length), out value, out var used) && used == length && value >= 0;

    private static void TwoDigits(Span<byte> target, int offset, int value)
    {
        target[offset] = (byte)('0' + (value / 10));
        target[offset + 1] = (byte)('0' + (value % 10));
    }
}
