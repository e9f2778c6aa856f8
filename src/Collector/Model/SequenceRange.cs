using System.Globalization;

namespace Collector.Model;

/// <summary>Sequences of a stream's events, both ends included; as text <c>first-last</c>.</summary>
internal readonly record struct SequenceRange(ulong First, ulong Last)
{
    public bool Contains(ulong sequence) => sequence >= First && sequence <= Last;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{First}-{Last}");

    /// <summary>Does not throw; false where the text is not a range.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out SequenceRange range)
    {
        var dash = text.IndexOf('-');
        var isRange = ulong.TryParse(text[..Math.Max(dash, 0)], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            & ulong.TryParse(text[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var last);
        range = new SequenceRange(first, last);
        return isRange && first <= last;
    }
}
