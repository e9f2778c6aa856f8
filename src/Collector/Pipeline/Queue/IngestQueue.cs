using System.Threading.Channels;
using Collector.Model;
using Collector.Pipeline.Ledger;
using Collector.Pipeline.Streams;
using Microsoft.Extensions.Logging.Abstractions;

namespace Collector.Pipeline.Queue;

/// <summary>
/// The bounded way from receivers to the writer; an entry is one whole request. When it is full the oldest gives way
/// (or the newest waits), and the ledger is told: a bounded channel alone would drop without a word.
/// </summary>
internal sealed partial class IngestQueue
{
    private readonly Channel<Delivery> _channel;
    private readonly LogIdSequence _ids = new();
    private readonly DedupWindow _recent;
    private readonly StreamTracker _streams;
    private readonly RowLedger _ledger;
    private readonly TimeProvider _clock;

    // Never disposed: timers and threads that end late may still set it, and the process ends with it anyway.
    private readonly AutoResetEvent _wake = new(false);
    private readonly Action<Delivery, IngestOutcome> _onEnd;
    private readonly ILogger _log;

    // Since the queue became full; zero while there is room.
    private int _gaveWay;

    public IngestQueue(
        QueueOptions options, DedupWindow recent, StreamTracker streams, RowLedger ledger, TimeProvider clock,
        ILogger<IngestQueue>? log = null)
    {
        _log = log ?? NullLogger<IngestQueue>.Instance;
        Capacity = options.Capacity;
        _recent = recent;
        _streams = streams;
        _ledger = ledger;
        _clock = clock;
        _onEnd = (entry, outcome) => End(entry.Batch, outcome);
        var bounds = new BoundedChannelOptions(options.Capacity)
        {
            FullMode = options.WhenFull == WhenFull.Wait ? BoundedChannelFullMode.Wait : BoundedChannelFullMode.DropOldest,
        };
        _channel = Channel.CreateBounded<Delivery>(bounds, MakeRoom);
    }

    /// <summary>Called when over three quarters of the places are taken; must not block.</summary>
    public Action NearlyFull { get; set; } = static () => { };

    /// <summary>Requests that may wait.</summary>
    public int Capacity { get; }

    /// <summary>Requests that wait.</summary>
    public int Count => _channel.Reader.Count;

    /// <summary>Set whenever there may be something for the writer to read, or nothing more will come.</summary>
    public WaitHandle Wake => _wake;

    /// <summary>No more entries will come, and all were read.</summary>
    public bool IsDrained => _channel.Reader.Completion.IsCompleted;

    /// <summary>
    /// Takes the batch over, whatever comes of it. The outcome is known at once if the producer need not wait
    /// (<paramref name="awaitStored"/> false), else when the rows are on disk; a caller may stop waiting for it, and the
    /// rows are stored all the same. A repeat shares the outcome of the first. What becomes of a stream's part, the stream is
    /// told.
    /// </summary>
    public async ValueTask<IngestOutcome> EnqueueAsync(RowBatch batch, bool awaitStored, CancellationToken cancellation)
    {
        var ticket = _ledger.Receive(batch);
        if (batch.Key is { } key && AnswerRepeat(key, ticket, awaitStored, cancellation) is { } answer)
        {
            batch.Dispose();
            return await answer;
        }

        batch.FirstLogId = _ids.Reserve(batch.Count, batch.ReceivedNanos);
        // A stream's call waits too, for its acknowledgement to flow back.
        var isAwaited = awaitStored || (batch.Stream is { } part && _streams.IsWatched(part.StreamId));
        var entry = new Delivery(batch, ticket, _clock.GetTimestamp(), isAwaited, _onEnd);
        try
        {
            // Not the caller's token: a request whose body is complete is stored even if its caller has left.
            await _channel.Writer.WriteAsync(entry, CancellationToken.None);
        }
        catch (ChannelClosedException)
        {
            // Not lost, whatever was agreed about waiting: this answer itself tells its producer.
            return RefuseAtTheDoor(entry);
        }

        _wake.Set();
        if (Count * 4L > Capacity * 3L)
        {
            NearlyFull();
        }
        else if (Volatile.Read(ref _gaveWay) > 0 && Count * 2L <= Capacity)
        {
            HasRoomAgain(Interlocked.Exchange(ref _gaveWay, 0));
        }

        return awaitStored ? await AwaitAsync(entry, cancellation) : IngestOutcome.Queued;
    }

    public bool TryRead(out Delivery? entry) => _channel.Reader.TryRead(out entry);

    /// <summary>
    /// Ends a request that can't be kept: its producer is told to retry if it still waits, else its rows are lost. The
    /// caller's hold is let go.
    /// </summary>
    public void GiveWay(Delivery entry, string reason, string message)
    {
        if (entry.TryEnd())
        {
            if (IsSomebodyTold(entry))
            {
                _ledger.Move(entry.Ticket, LedgerColumn.Refused, reason);
            }
            else
            {
                _ledger.Drop(entry.Ticket, entry.Batch, reason);
            }

            entry.Tell(IngestOutcome.Refused(message));
        }

        entry.LetGo();
    }

    /// <summary>Nothing more is taken; what waits can still be read.</summary>
    public void Complete()
    {
        _channel.Writer.TryComplete();
        _wake.Set();
    }

    /// <summary>Wakes the writer, for its timer and for replays.</summary>
    public void WakeReader() => _wake.Set();

    // Said once when it begins and once when it is over, not once a request.
    private void MakeRoom(Delivery oldest)
    {
        if (Interlocked.Increment(ref _gaveWay) == 1)
        {
            IsFull(Capacity);
        }

        GiveWay(oldest, "queue_full", "the queue is full and this was its oldest request");
    }

    // A stream's call hears of it with the next acknowledgement, and sends it again. Without a call it is a gap, though a
    // later one is told too.
    private bool IsSomebodyTold(Delivery entry) =>
        entry.Batch.Stream is { } part ? _streams.IsWatched(part.StreamId)
        // A producer that has left often sends the same again, and waits there.
        : entry.IsAwaited || (entry.Batch.Key is { } key && _recent.IsAwaitedByRepeat(key));

    private void End(RowBatch batch, IngestOutcome outcome)
    {
        if (batch.Key is { } key)
        {
            _recent.End(key, outcome);
        }

        if (batch.Stream is { } part)
        {
            _streams.End(part, outcome);
        }
    }

    private IngestOutcome RefuseAtTheDoor(Delivery entry)
    {
        var outcome = IngestOutcome.Refused("Collector is shutting down");
        if (entry.TryEnd())
        {
            _ledger.Move(entry.Ticket, LedgerColumn.Refused, "shutdown");
            entry.Tell(outcome);
        }

        entry.LetGo();
        return outcome;
    }

    private static async ValueTask<IngestOutcome> AwaitAsync(Delivery entry, CancellationToken cancellation)
    {
        try
        {
            return await entry.Outcome.WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            entry.Abandon();
            throw;
        }
    }

    // Null for the first of its kind.
    private Task<IngestOutcome>? AnswerRepeat(
        RequestKey key, LedgerTicket ticket, bool awaitStored, CancellationToken cancellation)
    {
        if (!_recent.IsOn)
        {
            return null;
        }

        var repeat = new Repeat(_ledger, ticket, awaitStored);
        if (_recent.Enter(key, repeat.Share, out var isFirst, repeat.IsAwaited) is { } known)
        {
            repeat.Share(known);
            return repeat.WaitAsync(cancellation);
        }

        return isFirst ? null : awaitStored ? repeat.WaitAsync(cancellation) : Task.FromResult(IngestOutcome.Queued);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The queue is full ({Capacity} requests): the oldest give way (queue_full), refused or dropped")]
    private partial void IsFull(int capacity);

    [LoggerMessage(Level = LogLevel.Error, Message = "The queue has room again; {Requests} requests gave way (queue_full)")]
    private partial void HasRoomAgain(int requests);
}
