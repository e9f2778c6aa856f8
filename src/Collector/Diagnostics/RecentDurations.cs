using System.Numerics;

namespace Collector.Diagnostics;

/// <summary>
/// Percentiles of the durations of the last five minutes, within 2 %, in memory that does not grow: counts by buckets
/// that widen with the duration, a set of them for each minute. Safe for any number of threads.
/// </summary>
internal sealed class RecentDurations
{
    private const int Minutes = 5;

    // 32 buckets for each doubling; below 64 µs one for each microsecond.
    private const int StepBits = 5;
    private const int Exact = 2 << StepBits;
    private const ulong Longest = (1UL << 31) - 1; // 36 minutes, in microseconds.
    private const int Buckets = Exact + ((31 - StepBits - 1) << StepBits);

    private readonly TimeProvider _clock;
    private readonly long _start;
    private readonly Lock _gate = new();
    private readonly int[][] _counts = [.. Enumerable.Range(0, Minutes).Select(static _ => new int[Buckets])];
    private readonly long[] _minuteOf = new long[Minutes];

    public RecentDurations(TimeProvider clock)
    {
        _clock = clock;
        _start = clock.GetTimestamp();
    }

    public void Record(TimeSpan duration)
    {
        var micros = (ulong)Math.Clamp(duration.Ticks / TimeSpan.TicksPerMicrosecond, 0, (long)Longest);
        var minute = Minute();
        var slot = minute % Minutes;
        lock (_gate)
        {
            if (_minuteOf[slot] != minute)
            {
                Array.Clear(_counts[slot]);
                _minuteOf[slot] = minute;
            }

            _counts[slot][IndexOf(micros)]++;
        }
    }

    public DurationSummary Read()
    {
        var oldest = Minute() - Minutes;
        var sum = new long[Buckets];
        lock (_gate)
        {
            for (var slot = 0; slot < Minutes; slot++)
            {
                for (var i = 0; _minuteOf[slot] > oldest && i < Buckets; i++)
                {
                    sum[i] += _counts[slot][i];
                }
            }
        }

        var count = sum.Sum();
        return new DurationSummary(count, Percentile(sum, count, 0.50), Percentile(sum, count, 0.99));
    }

    private static TimeSpan? Percentile(long[] counts, long count, double share)
    {
        var rank = (long)Math.Ceiling(count * share);
        for (var i = 0; rank > 0 && i < counts.Length; i++)
        {
            rank -= counts[i];
            if (rank <= 0)
            {
                return TimeSpan.FromMicroseconds(MiddleOf(i));
            }
        }

        return null;
    }

    private static int IndexOf(ulong micros)
    {
        if (micros < Exact)
        {
            return (int)micros;
        }

        var shift = BitOperations.Log2(micros) - StepBits;
        return Exact + ((shift - 2) << StepBits) + (int)(micros >> shift);
    }

    private static double MiddleOf(int index)
    {
        if (index < Exact)
        {
            return index;
        }

        var shift = ((index - Exact) >> StepBits) + 1;
        var step = (1 << StepBits) + ((index - Exact) & ((1 << StepBits) - 1));
        return (step + 0.5) * (1L << shift);
    }

    private long Minute() => (long)_clock.GetElapsedTime(_start).TotalMinutes;
}

/// <param name="Count">How many.</param>
/// <param name="Median">Half took at most this; null where there were none.</param>
/// <param name="P99">Of a hundred, 99 took at most this; null where there were none.</param>
internal readonly record struct DurationSummary(long Count, TimeSpan? Median, TimeSpan? P99);
