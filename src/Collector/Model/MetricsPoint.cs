namespace Collector.Model;

/// <summary>What rows of one group say together. Not safe for threads.</summary>
internal sealed class MetricsPoint
{
    private readonly long[] _levels = new long[Names.Levels.Count];

    /// <summary>Rows.</summary>
    public long Count => _levels[0] + _levels[1] + _levels[2] + _levels[3];

    /// <summary>Rows at level error.</summary>
    public long Errors => this[Level.Error];

    /// <summary>CPU time in milliseconds.</summary>
    public long CpuMs { get; private set; }

    /// <summary>The latest event time, nanoseconds since 1970.</summary>
    public ulong LastNanos { get; private set; }

    /// <summary>Of rows with a duration; null where there is none.</summary>
    public LatencyHistogram? Latency { get; private set; }

    /// <summary>Rows at one level.</summary>
    public long this[Level level] => _levels[(int)level];

    public void Add(ulong nanos, Level level, long? cpuMs, double? wallMs)
    {
        Add(level, 1);
        Add(cpuMs ?? 0, nanos);
        if (wallMs is { } duration)
        {
            (Latency ??= new LatencyHistogram()).Record(duration);
        }
    }

    public void Add(Level level, long rows) => _levels[(int)level] += rows;

    public void Add(long cpuMs, ulong lastNanos)
    {
        CpuMs += cpuMs;
        LastNanos = Math.Max(LastNanos, lastNanos);
    }

    /// <summary>Adds durations as <see cref="LatencyHistogram.Write"/> wrote them.</summary>
    public void Add(ReadOnlySpan<byte> latency, double maxMs)
    {
        if (!latency.IsEmpty)
        {
            (Latency ??= new LatencyHistogram()).Read(latency, maxMs);
        }
    }

    public void Add(MetricsPoint other)
    {
        for (var level = 0; level < _levels.Length; level++)
        {
            _levels[level] += other._levels[level];
        }

        Add(other.CpuMs, other.LastNanos);
        if (other.Latency is { } latency)
        {
            (Latency ??= new LatencyHistogram()).Add(latency);
        }
    }
}
