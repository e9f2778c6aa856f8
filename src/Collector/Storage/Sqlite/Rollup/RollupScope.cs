using System.Runtime.InteropServices;
using Collector.Model;

namespace Collector.Storage.Sqlite.Rollup;

/// <summary>A question for figures, and its answer as far as it has come.</summary>
internal sealed class RollupScope(MetricsQuestion question)
{
    private readonly Dictionary<(string Worker, int Step), Figures> _steps = [];

    public MetricsQuestion Question => question;

    public IReadOnlyDictionary<(string Worker, int Step), Figures> Steps => _steps;

    /// <summary>Beginning, in seconds.</summary>
    public ulong FromSeconds => question.From / HotRollup.NanosPerSecond;

    /// <summary>End, exclusive.</summary>
    public ulong ToSeconds => question.To / HotRollup.NanosPerSecond;

    /// <summary>The longest steps kept that the question's own consist of; null where minutes are too long for it.</summary>
    public int? KeptStep =>
        AreAll(HotRollup.SecondsPerHour) ? HotRollup.SecondsPerHour
        : AreAll(HotRollup.SecondsPerMinute) ? HotRollup.SecondsPerMinute
        : null;

    public bool Takes(in RollupKey key) =>
        key.Seconds >= FromSeconds && key.Seconds < ToSeconds
        && (question.Worker is null || key.Worker == question.Worker)
        && (question.Kind is null || key.Kind == question.Kind);

    public Figures StepOf(in RollupKey key) => StepOf(key.Worker, key.Seconds * HotRollup.NanosPerSecond);

    public Figures StepOf(string worker, ulong nanos)
    {
        var step = (worker, (int)((nanos - question.From) / question.Step));
        ref var figures = ref CollectionsMarshal.GetValueRefOrAddDefault(_steps, step, out _);
        return figures ??= new Figures();
    }

    private bool AreAll(ulong seconds)
    {
        var nanos = seconds * HotRollup.NanosPerSecond;
        return question.Step % nanos == 0 && question.From % nanos == 0 && question.To % nanos == 0;
    }
}
