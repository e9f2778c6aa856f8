using Collector.Model;
using Collector.Pipeline.Ledger;

namespace Collector.Pipeline.Queue;

/// <summary>
/// One request from its receipt to its end. It alone moves the request's rows in the ledger, tells its producer and the
/// producers of its repeats, advances its stream, and frees its memory. Queue, writer and spool call it from their own
/// threads; the first of them that completes it decides its outcome. This keeps, for every producer and at every moment,
/// received = stored + duplicate + rejected + refused + dropped + spooled + in flight:
/// <para><see cref="Receive"/>: in flight. A repeat goes where the first request with its key goes (<see cref="Share"/>).</para>
/// <para><see cref="Complete"/>: stored, spooled, rejected or refused, as the outcome says. Stored is final.</para>
/// <para><see cref="Evict"/>: refused where a producer can be told to retry, else dropped with a gap.</para>
/// <para><see cref="Find"/>: spooled. A <see cref="Replay"/> of it stays spooled until <see cref="Complete"/> says stored,
/// <see cref="Drop"/> dropped, or <see cref="Forget"/> that an earlier process counted it already.</para>
/// </summary>
internal sealed class Delivery : IRepeat
{
    private readonly DeliveryBooks _books;
    private readonly TaskCompletionSource<IngestOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Wakes the spool when its replay has ended; null for a producer's request.
    private readonly Signal? _replayEnded;

    // The producer's thread clears it, the writer's and the spool's read it.
    private volatile bool _isAwaited;
    private bool _isAcknowledgedAtOnce;
    private int _holders = 1;
    private int _isCompleted;

    private Delivery(DeliveryBooks books, RowBatch batch, LedgerTicket ticket, bool isAwaited, Signal? replayEnded = null)
    {
        _books = books;
        _isAwaited = isAwaited;
        _replayEnded = replayEnded;
        Batch = batch;
        Ticket = ticket;
        ReceivedAt = books.Clock.GetTimestamp();
    }

    /// <summary>The rows; gone when the last holder has released them.</summary>
    public RowBatch Batch { get; }

    /// <summary>Its place in the ledger, for the transaction that stores it. Only this class moves it.</summary>
    public LedgerTicket Ticket { get; }

    /// <summary>Timestamp of the clock's counter, for ages.</summary>
    public long ReceivedAt { get; }

    /// <summary>A producer waits for the outcome; else it was acknowledged before, or has left.</summary>
    public bool IsAwaited => _isAwaited;

    /// <summary>A request with the same key came before: this one shares its outcome, and is not queued.</summary>
    public bool IsRepeat { get; private set; }

    /// <summary>It comes from the spool: it is on disk already, and may be in the store.</summary>
    public bool IsReplay => _replayEnded is not null;

    public bool IsCompleted => _outcome.Task.IsCompleted;

    /// <summary>How it ended; meaningful once <see cref="IsCompleted"/>.</summary>
    public IngestStatus Status { get; private set; }

    /// <summary>Counts a request's rows, gives them ids, and looks whether it came before; takes the batch over.</summary>
    /// <param name="books">Where it is entered.</param>
    /// <param name="batch">The request; a repeat's is freed at once.</param>
    /// <param name="awaitStored">The producer waits for the outcome; else it is acknowledged at once.</param>
    public static Delivery Receive(DeliveryBooks books, RowBatch batch, bool awaitStored)
    {
        // A stream's call waits too, for its acknowledgement to flow back.
        var isAwaited = awaitStored || (batch.Stream is { } part && books.Streams.IsWatched(part.StreamId));
        var ticket = books.Ledger.Receive(batch);
        var delivery = new Delivery(books, batch, ticket, isAwaited) { _isAcknowledgedAtOnce = !awaitStored };
        if (batch.Key is { } key)
        {
            var known = books.Repeats.Enter(key, delivery, out var isFirst);
            delivery.IsRepeat = !isFirst;
            if (known is { } outcome)
            {
                delivery._isAcknowledgedAtOnce = false;
                delivery.Share(outcome);
            }
        }

        if (delivery.IsRepeat)
        {
            delivery.Release();
        }
        else
        {
            batch.FirstLogId = books.Ids.Reserve(batch.Count, batch.ReceivedNanos);
        }

        return delivery;
    }

    /// <summary>Counts a request that an earlier process left in the spool, so that its repeats are known.</summary>
    public static void Find(DeliveryBooks books, SpooledRequest request)
    {
        books.Ledger.Find(request.Producers);
        if (request.Key is { } key)
        {
            books.Repeats.Load(key, DateTimeOffset.UnixEpoch.AddTicks((long)(request.ReceivedNanos / 100)));
        }

        if (request.Stream is { } part)
        {
            books.Streams.Load(part);
        }
    }

    /// <summary>A request of the spool on its way to the store. Its rows count as spooled until they are stored.</summary>
    /// <param name="books">Where it is entered.</param>
    /// <param name="batch">The request; taken over.</param>
    /// <param name="ended">Set when it has ended.</param>
    public static Delivery Replay(DeliveryBooks books, RowBatch batch, Signal ended) =>
        new(books, batch, books.Ledger.TicketOf(batch), isAwaited: false, ended);

    /// <summary>
    /// The producer's answer: at once where it need not wait, else when the request has ended. A producer may stop waiting;
    /// its rows are stored all the same.
    /// </summary>
    /// <exception cref="OperationCanceledException">The producer left.</exception>
    public ValueTask<IngestOutcome> AnswerAsync(CancellationToken cancellation) =>
        _isAcknowledgedAtOnce ? new(IngestOutcome.Queued) : WaitAsync(cancellation);

    /// <summary>Ends the request, unless another thread has, and releases the caller's hold.</summary>
    /// <param name="outcome">What became of it. Its producer hears it.</param>
    /// <param name="reason">Why, in a word for the ledger; null where it was stored.</param>
    public void Complete(IngestOutcome outcome, string? reason = null)
    {
        try
        {
            if (outcome.Status == IngestStatus.Stored)
            {
                // Even where the spool completed it before; and before the next transaction keeps the accounts.
                _books.Ledger.Move(Ticket, LedgerColumn.Stored);
            }

            if (TryComplete())
            {
                if (!IsReplay && ColumnOf(outcome.Status) is { } column)
                {
                    _books.Ledger.Move(Ticket, column, reason);
                }

                Tell(outcome);
            }
        }
        finally
        {
            // Also where memory ran out on the way.
            Release();
        }
    }

    /// <summary>
    /// Ends a request that can't be kept, unless another thread has, and releases the caller's hold. Its rows are refused
    /// where a producer can be told to retry, else they are lost.
    /// </summary>
    /// <param name="reason">Why, in a word for the ledger.</param>
    /// <param name="message">Why, for the producer.</param>
    public void Evict(string reason, string message)
    {
        if (TryComplete())
        {
            if (IsSomebodyTold())
            {
                _books.Ledger.Move(Ticket, LedgerColumn.Refused, reason);
            }
            else
            {
                _books.Ledger.Drop(Ticket, Batch, reason);
            }

            Tell(IngestOutcome.Refused(message));
        }

        Release();
    }

    /// <summary>
    /// Drops a replay that the store rejected. It was acknowledged, so its rows are lost, and a repeat of it must not be
    /// told that they are kept. The caller's hold stays.
    /// </summary>
    public void Drop(string reason, string message)
    {
        _books.Ledger.Drop(Ticket, Batch, reason);
        if (Batch.Key is { } key)
        {
            _books.Repeats.Forget(key);
        }

        if (Batch.Stream is { } part)
        {
            _books.Streams.Lose(part, message);
        }
    }

    /// <summary>Takes back the count of a replay that an earlier process stored, and counted with its rows.</summary>
    public void Forget() => _books.Ledger.Forget(Ticket);

    /// <summary>Keeps the memory for one more holder; false where it is gone already.</summary>
    public bool TryRetain()
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

    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            Batch.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Share(IngestOutcome first)
    {
        _books.Ledger.MoveRepeat(Ticket, first, _isAcknowledgedAtOnce);
        _outcome.SetResult(first.IsKept ? IngestOutcome.Duplicate : first);
    }

    private static LedgerColumn? ColumnOf(IngestStatus status) => status switch
    {
        IngestStatus.Spooled => LedgerColumn.Spooled,
        IngestStatus.Rejected => LedgerColumn.Rejected,
        IngestStatus.Refused => LedgerColumn.Refused,
        _ => null,
    };

    private bool TryComplete() => Interlocked.Exchange(ref _isCompleted, 1) == 0;

    // A stream's call hears of it with the next acknowledgement, and sends it again. Without a call it is a gap, though a
    // later call is told too.
    private bool IsSomebodyTold() =>
        Batch.Stream is { } part ? _books.Streams.IsWatched(part.StreamId)
        // A producer that has left often sends the same again, and waits there.
        : _isAwaited || (Batch.Key is { } key && _books.Repeats.IsAwaitedByRepeat(key));

    private void Tell(IngestOutcome outcome)
    {
        Status = outcome.Status;
        _outcome.SetResult(outcome);
        if (_replayEnded is not null)
        {
            _replayEnded.Set();
            return;
        }

        if (Batch.Key is { } key)
        {
            _books.Ledger.Recover(Ticket, _books.Repeats.Complete(key, outcome));
        }

        if (Batch.Stream is { } part)
        {
            _books.Streams.End(part, outcome);
        }
    }

    private async ValueTask<IngestOutcome> WaitAsync(CancellationToken cancellation)
    {
        try
        {
            return await _outcome.Task.WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            _isAwaited = false;
            throw;
        }
    }
}
