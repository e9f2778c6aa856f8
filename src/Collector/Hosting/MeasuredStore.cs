using Collector.Diagnostics;
using Collector.Model;
using Collector.Storage;

namespace Collector.Hosting;

/// <summary>A store whose commits are timed.</summary>
internal sealed class MeasuredStore(ILogAppender store, CollectorMetrics metrics, TimeProvider clock) : ILogAppender
{
    /// <inheritdoc/>
    public AppendResult Append(AppendGroup group)
    {
        var since = clock.GetTimestamp();
        var result = store.Append(group);
        metrics.CommitEnded(clock.GetElapsedTime(since), LabelOf(result.Status));
        return result;
    }

    /// <inheritdoc/>
    public bool? Contains(LogId firstLogId) => store.Contains(firstLogId);

    /// <inheritdoc/>
    public StoreMemory Recall(ulong keysSinceNanos, ulong streamsSinceNanos) => store.Recall(keysSinceNanos, streamsSinceNanos);

    private static string LabelOf(AppendStatus status) => status switch
    {
        AppendStatus.Committed => "committed",
        AppendStatus.Transient => "transient",
        AppendStatus.Permanent => "permanent",
        _ => "fatal",
    };
}
