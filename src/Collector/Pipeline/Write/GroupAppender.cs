using Collector.Model;
using Collector.Pipeline.Ledger;
using Collector.Pipeline.Queue;
using Collector.Pipeline.Streams;
using Collector.Storage;

namespace Collector.Pipeline.Write;

/// <summary>
/// Stores requests with everything that their transaction must keep: the accounts that they change, and how far the
/// streams have come that they are of. So neither ever says more or less than the rows do. The writer's thread calls it.
/// </summary>
internal sealed class GroupAppender(ResilientAppender store, RowLedger ledger, StreamTracker streams)
{
    private readonly AppendGroup _group = new();

    /// <inheritdoc cref="ILogAppender.Append"/>
    public AppendResult Append(IReadOnlyList<Delivery> entries)
    {
        var changes = ledger.TakeChanges(entries.Select(static entry => entry.Ticket));
        _group.Batches.Clear();
        _group.Batches.AddRange(entries.Select(static entry => entry.Batch));
        _group.Accounts = changes.Accounts;
        _group.Gaps = changes.Gaps;
        _group.Streams = streams.MarksWith(entries);
        var result = store.Append(_group);
        if (result.Status != AppendStatus.Committed)
        {
            ledger.NotKept(changes);
        }

        return result;
    }

    /// <inheritdoc cref="ILogAppender.Contains"/>
    public bool? Contains(LogId firstLogId) => store.Contains(firstLogId);
}
