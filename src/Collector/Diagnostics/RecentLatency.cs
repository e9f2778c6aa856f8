using Collector.Model;

namespace Collector.Diagnostics;

/// <summary>
/// Percentiles of the durations of the last five minutes: a histogram for each minute, so that memory does not grow. Safe
/// for any number of threads.
/// </summary>
internal sealed class RecentLatency(TimeProvider clock)
{
    private const int Minutes = 5;

    private readonly long _start = clock.GetTimestamp();
    private readonly Lock _gate = new();
    private readonly (long Minute, LatencyHistogram Durations)[] _windows =
        [.. Enumerable.Range(0, Minutes).Select(static _ => (0L, new LatencyHistogram()))];

    public void Record(TimeSpan duration)
    {
        var minute = Minute();
        lock (_gate)
        {
            ref var window = ref _windows[minute % Minutes];
            if (window.Minute != minute)
            {
                window.Minute = minute;
                window.Durations.Clear();
            }

            window.Durations.Record(duration.TotalMilliseconds);
        }
    }

    public DurationSummary Read()
    {
        var oldest = Minute() - Minutes;
        var sum = new LatencyHistogram();
        lock (_gate)
        {
            foreach (var window in _windows.Where(window => window.Minute > oldest))
            {
                sum.Add(window.Durations);
            }
        }

        return sum.Count == 0
            ? new DurationSummary(0, null, null)
            : new DurationSummary(sum.Count, PercentileOf(sum, 0.50), PercentileOf(sum, 0.99));
    }

    private static TimeSpan PercentileOf(LatencyHistogram durations, double share) =>
        TimeSpan.FromMilliseconds(durations.Percentile(share));

    private long Minute() => (long)clock.GetElapsedTime(_start).TotalMinutes;
}

/// <param name="Count">How many durations there were.</param>
/// <param name="Median">Half of them took at most this; null without any.</param>
/// <param name="P99">Of a hundred, 99 took at most this; null without any.</param>
internal readonly record struct DurationSummary(long Count, TimeSpan? Median, TimeSpan? P99);
