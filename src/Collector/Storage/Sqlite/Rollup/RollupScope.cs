using System.Runtime.InteropServices;
using Collector.Model;
using Collector.Storage.Sqlite.Segments;

namespace Collector.Storage.Sqlite.Rollup;

/// <summary>A question for figures, and its answer as far as it has come.</summary>
internal sealed class RollupScope(MetricsQuery query)
{
    private readonly Dictionary<(string Worker, int Step), MetricsPoint> _steps = [];

    public MetricsQuery Query => query;

    public IReadOnlyDictionary<(string Worker, int Step), MetricsPoint> Steps => _steps;

    /// <summary>Beginning, in seconds.</summary>
    public ulong FromSeconds => query.From / HotRollup.NanosPerSecond;

    /// <summary>End, exclusive.</summary>
    public ulong ToSeconds => query.To / HotRollup.NanosPerSecond;

    /// <summary>The longest steps kept that the question's own consist of; null where minutes are too long for it.</summary>
    public int? KeptStep =>
        AreAll(HotRollup.SecondsPerHour) ? HotRollup.SecondsPerHour
        : AreAll(HotRollup.SecondsPerMinute) ? HotRollup.SecondsPerMinute
        : null;

    public bool Takes(in RollupKey key) =>
        key.Seconds >= FromSeconds && key.Seconds < ToSeconds
        && (query.Worker is null || key.Worker == query.Worker)
        && (query.Kind is null || key.Kind == query.Kind);

    /// <summary>Adds a cell, where it is asked for.</summary>
    public void Add(RollupKey key, MetricsPoint figures)
    {
        if (Takes(key))
        {
            StepOf(key).Add(figures);
        }
    }

    public MetricsPoint StepOf(in RollupKey key) => StepOf(key.Worker, key.Seconds * HotRollup.NanosPerSecond);

    public MetricsPoint StepOf(string worker, ulong nanos)
    {
        var step = (worker, (int)((nanos - query.From) / query.Step));
        ref var figures = ref CollectionsMarshal.GetValueRefOrAddDefault(_steps, step, out _);
        return figures ??= new MetricsPoint();
    }

    private bool AreAll(ulong seconds)
    {
        var nanos = seconds * HotRollup.NanosPerSecond;
        return query.Step % nanos == 0 && query.From % nanos == 0 && query.To % nanos == 0;
    }
}
