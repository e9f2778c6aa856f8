using System.Globalization;

namespace Collector.Query;

/// <summary>Spans of time as people write them: <c>30s</c>, <c>15m</c>, <c>2h</c>, <c>7d</c>.</summary>
internal static class TimeSpans
{
    // Beyond ten years nothing is kept, and arithmetic stays far from the ends of time.
    private const long MaxSeconds = 10L * 366 * 86400;

    /// <summary>Does not throw.</summary>
    public static bool TryParse(string text, out TimeSpan span)
    {
        span = default;
        if (text.Length is < 2 or > 10 || SecondsOf(text[^1]) is not { } unit
            || !long.TryParse(text.AsSpan(..^1), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            || count * unit > MaxSeconds)
        {
            return false;
        }

        span = TimeSpan.FromSeconds(count * unit);
        return true;
    }

    private static long? SecondsOf(char unit) => unit switch
    {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86400,
        _ => null,
    };
}
