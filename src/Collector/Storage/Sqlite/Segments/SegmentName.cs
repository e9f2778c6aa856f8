using System.Globalization;

namespace Collector.Storage.Sqlite.Segments;

/// <summary>A segment's file name, such as <c>segment-000001.db</c>. Numbers rise and are never used again.</summary>
internal readonly record struct SegmentName(int Number) : IComparable<SegmentName>
{
    private const string Prefix = "segment-";
    private const string Suffix = ".db";

    public static SegmentName First => new(1);

    public SegmentName Next => new(Number + 1);

    /// <summary>Takes exactly what <see cref="ToString"/> gives. Does not throw.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out SegmentName name)
    {
        name = default;
        if (!text.StartsWith(Prefix, StringComparison.Ordinal) || !text.EndsWith(Suffix, StringComparison.Ordinal)
            || text.Length < Prefix.Length + Suffix.Length
            || !int.TryParse(text[Prefix.Length..^Suffix.Length], NumberStyles.None, CultureInfo.InvariantCulture,
                out var number)
            || number == 0)
        {
            return false;
        }

        var parsed = new SegmentName(number);
        name = text.SequenceEqual(parsed.ToString()) ? parsed : default;
        return name != default;
    }

    /// <summary>
    /// Takes the name of any file that is or was a segment's, or lies beside one: <c>segment-000001.db-wal</c>,
    /// <c>segment-000001.db.20260101T000000Z.damaged</c>. Does not throw.
    /// </summary>
    public static bool TryParseStart(ReadOnlySpan<char> text, out SegmentName name)
    {
        var end = text.IndexOf(Suffix, StringComparison.Ordinal);
        name = default;
        return end >= 0 && TryParse(text[..(end + Suffix.Length)], out name);
    }

    public int CompareTo(SegmentName other) => Number.CompareTo(other.Number);

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Number:D6}{Suffix}");
}
