using System.Buffers.Binary;

namespace Collector.Model;

/// <summary>
/// A UUID version 7 as a number that can be counted on: 48 bits of milliseconds and 12 bits above, 62 bits below, with
/// the version and variant bits added only when it is written.
/// </summary>
internal readonly record struct LogId(ulong High, ulong Low) : IComparable<LogId>
{
    /// <summary>Length of the text form.</summary>
    public const int TextLength = 36;

    private const int LowBits = 62;
    private const ulong LowMask = (1UL << LowBits) - 1;

    public static LogId Of(long unixMilliseconds, ulong randomHigh12, ulong randomLow62) =>
        new(((ulong)unixMilliseconds << 12) | (randomHigh12 & 0xFFF), randomLow62 & LowMask);

    /// <summary>The id that stands <paramref name="count"/> places later.</summary>
    public LogId Plus(int count)
    {
        var low = Low + (ulong)count;
        return new LogId(High + (low >> LowBits), low & LowMask);
    }

    public int CompareTo(LogId other) =>
        High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);

    public static bool operator <(LogId left, LogId right) => left.CompareTo(right) < 0;

    public static bool operator >(LogId left, LogId right) => left.CompareTo(right) > 0;

    public static bool operator <=(LogId left, LogId right) => left.CompareTo(right) <= 0;

    public static bool operator >=(LogId left, LogId right) => left.CompareTo(right) >= 0;

    /// <summary>Writes the 36 characters of the text form, lower case.</summary>
    public void WriteText(Span<byte> target)
    {
        var high = ((High >> 12) << 16) | 0x7000 | (High & 0xFFF);
        var low = (2UL << LowBits) | Low;
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, high);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], low);
        Span<byte> hex = stackalloc byte[32];
        Convert.TryToHexStringLower(bytes, hex, out _);
        hex[..8].CopyTo(target);
        target[8] = (byte)'-';
        hex[8..12].CopyTo(target[9..]);
        target[13] = (byte)'-';
        hex[12..16].CopyTo(target[14..]);
        target[18] = (byte)'-';
        hex[16..20].CopyTo(target[19..]);
        target[23] = (byte)'-';
        hex[20..].CopyTo(target[24..]);
    }

    public override string ToString()
    {
        Span<byte> text = stackalloc byte[TextLength];
        WriteText(text);
        return System.Text.Encoding.ASCII.GetString(text);
    }
}
