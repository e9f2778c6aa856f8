using Collector.Model;
using Collector.Pipeline.Ledger;

namespace Collector.Pipeline.Queue;

/// <summary>
/// One whole request on its way. Its end is said once, by whoever is first: the writer, the spool, or the queue that made
/// it give way. Its memory is free when all who hold it have let go.
/// </summary>
internal sealed class Delivery
{
    private readonly TaskCompletionSource<IngestOutcome> _outcome =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly Action<Delivery, IngestOutcome>? _onEnd;
    private int _holders = 1;
    private int _ended;

    /// <param name="batch">The request; freed with the entry.</param>
    /// <param name="ticket">Its place in the ledger.</param>
    /// <param name="enqueuedAt">Timestamp of the clock's counter, for ages.</param>
    /// <param name="isAwaited">A producer waits for the outcome.</param>
    /// <param name="onEnd">Told the outcome, by the thread that says it.</param>
    public Delivery(
        RowBatch batch, LedgerTicket ticket, long enqueuedAt, bool isAwaited, Action<Delivery, IngestOutcome>? onEnd = null)
    {
        Batch = batch;
        Ticket = ticket;
        EnqueuedAt = enqueuedAt;
        IsAwaited = isAwaited;
        _onEnd = onEnd;
    }

    public RowBatch Batch { get; }

    public LedgerTicket Ticket { get; }

    public long EnqueuedAt { get; }

    /// <summary>A producer waits for the outcome; else it was acknowledged before, or has left.</summary>
    public bool IsAwaited { get; private set; }

    /// <summary>It comes from the spool: it is on disk already, and may be in the store.</summary>
    public bool IsReplay { get; init; }

    public Task<IngestOutcome> Outcome => _outcome.Task;

    /// <summary>How it ended; null before.</summary>
    public IngestStatus? Ending { get; private set; }

    /// <summary>The producer has left: nobody can be told to retry any more.</summary>
    public void Abandon() => IsAwaited = false;

    /// <summary>True for the first who says how it ended, and who now moves the ledger and calls <see cref="Tell"/>.</summary>
    public bool TryEnd() => Interlocked.Exchange(ref _ended, 1) == 0;

    public void Tell(IngestOutcome outcome)
    {
        Ending = outcome.Status;
        _outcome.TrySetResult(outcome);
        _onEnd?.Invoke(this, outcome);
    }

    /// <summary>Keeps the memory for one more; false where it is gone already.</summary>
    public bool TryHold()
    {
        var holders = Volatile.Read(ref _holders);
        while (holders > 0)
        {
            var seen = Interlocked.CompareExchange(ref _holders, holders + 1, holders);
            if (seen == holders)
            {
                return true;
            }

            holders = seen;
        }

        return false;
    }

    public void LetGo()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            Batch.Dispose();
        }
    }
}
