using Collector.Pipeline.Ledger;

namespace Collector.Pipeline.Queue;

/// <summary>A request that came again while the first was under way, and shares its fate.</summary>
internal sealed class Repeat(RowLedger ledger, LedgerTicket ticket, bool isAwaited)
{
    private readonly TaskCompletionSource<IngestOutcome> _fate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly bool _wasAnswered = !isAwaited;
    private volatile bool _hasLeft;

    /// <summary>Its producer waits to be told how the first has ended; else it was answered at once, or has left.</summary>
    public bool IsAwaited() => !_wasAnswered && !_hasLeft;

    /// <summary>The first has ended.</summary>
    public void Share(IngestOutcome first)
    {
        var column = first.IsKept ? LedgerColumn.Duplicate
            : first.Status == IngestStatus.Rejected ? LedgerColumn.Rejected
            // It was told OK: nobody sends it again. The gap that the first has left is of the same rows.
            : _wasAnswered ? LedgerColumn.Dropped
            : LedgerColumn.Refused;
        ledger.Move(ticket, column, first.IsKept ? "repeat" : "repeat_of_failed");
        _fate.SetResult(first.IsKept ? IngestOutcome.Duplicate : first);
    }

    public async Task<IngestOutcome> WaitAsync(CancellationToken cancellation)
    {
        try
        {
            return await _fate.Task.WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            _hasLeft = true;
            throw;
        }
    }
}
