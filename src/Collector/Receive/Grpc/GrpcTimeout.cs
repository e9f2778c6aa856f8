using System.Globalization;

namespace Collector.Receive.Grpc;

/// <summary>The header <c>grpc-timeout</c>: one to eight digits and a unit.</summary>
internal static class GrpcTimeout
{
    // Beyond what a timer takes; nobody waits this long for an acknowledgement.
    private static readonly TimeSpan _longest = TimeSpan.FromDays(1);

    /// <summary>Does not throw; false where the text is no timeout.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan timeout)
    {
        timeout = default;
        if (text.Length is < 2 or > 9
            || !long.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            || TicksOf(text[^1]) is not { } ticks)
        {
            return false;
        }

        timeout = TimeSpan.FromTicks(Math.Min((long)(value * ticks), _longest.Ticks));
        return true;
    }

    private static double? TicksOf(char unit) => unit switch
    {
        'H' => TimeSpan.TicksPerHour,
        'M' => TimeSpan.TicksPerMinute,
        'S' => TimeSpan.TicksPerSecond,
        'm' => TimeSpan.TicksPerMillisecond,
        'u' => TimeSpan.TicksPerMicrosecond,
        'n' => 1.0 / TimeSpan.NanosecondsPerTick,
        _ => null,
    };
}
