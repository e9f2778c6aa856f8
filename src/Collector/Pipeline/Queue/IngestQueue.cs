using System.Collections.Concurrent;
using System.Threading.Channels;
using Collector.Model;
using Collector.Pipeline.Ledger;
using Microsoft.Extensions.Logging.Abstractions;

namespace Collector.Pipeline.Queue;

/// <summary>
/// The writer's inbox: a bounded channel of requests from receivers, and the spool's replays, whose number the spool
/// bounds. When the channel is full, the oldest request is evicted (or the newest waits), and its delivery says so: a
/// bounded channel alone would drop it silently.
/// </summary>
internal sealed partial class IngestQueue
{
    private readonly Channel<Delivery> _requests;
    private readonly ConcurrentQueue<Delivery> _replays = new();
    private readonly Signal _reader = new();
    private readonly DeliveryBooks _books;
    private readonly Signal _nearlyFull;
    private readonly ILogger _log;

    // Since the queue became full; zero while there is room.
    private int _evicted;

    /// <param name="options">The bounds.</param>
    /// <param name="books">Where deliveries are entered.</param>
    /// <param name="nearlyFull">Set when over three quarters of the places are taken.</param>
    /// <param name="log">Says when requests are evicted.</param>
    public IngestQueue(QueueOptions options, DeliveryBooks books, Signal nearlyFull, ILogger<IngestQueue>? log = null)
    {
        Capacity = options.Capacity;
        _books = books;
        _nearlyFull = nearlyFull;
        _log = log ?? NullLogger<IngestQueue>.Instance;
        var bounds = new BoundedChannelOptions(options.Capacity)
        {
            FullMode = options.WhenFull == WhenFull.Wait ? BoundedChannelFullMode.Wait : BoundedChannelFullMode.DropOldest,
        };
        _requests = Channel.CreateBounded<Delivery>(bounds, Evict);
    }

    /// <summary>Requests that may wait.</summary>
    public int Capacity { get; }

    /// <summary>Requests that wait.</summary>
    public int Count => _requests.Reader.Count;

    /// <summary>No more requests will come, and all were read.</summary>
    public bool IsDrained => _requests.Reader.Completion.IsCompleted;

    /// <summary>
    /// Takes the batch over, whatever comes of it. The outcome is known at once if the producer need not wait
    /// (<paramref name="awaitStored"/> false), else when the rows are on disk; a caller may stop waiting for it, and the
    /// rows are stored all the same. A repeat shares the outcome of the first. The stream of a part is told what becomes
    /// of it.
    /// </summary>
    public async ValueTask<IngestOutcome> EnqueueAsync(RowBatch batch, bool awaitStored, CancellationToken cancellation)
    {
        var delivery = Delivery.Receive(_books, batch, awaitStored);
        if (delivery.IsRepeat)
        {
            return await delivery.AnswerAsync(cancellation);
        }

        try
        {
            // Not the caller's token: a request whose body is complete is stored even if its caller has left.
            await _requests.Writer.WriteAsync(delivery, CancellationToken.None);
        }
        catch (ChannelClosedException)
        {
            // Not lost, whatever was agreed about waiting: this answer itself tells its producer.
            var refused = IngestOutcome.Refused("Collector is shutting down");
            delivery.Complete(refused, "shutdown");
            return refused;
        }

        _reader.Set();
        if (Count * 4L > Capacity * 3L)
        {
            _nearlyFull.Set();
        }
        else if (Volatile.Read(ref _evicted) > 0 && Count * 2L <= Capacity)
        {
            HasRoomAgain(Interlocked.Exchange(ref _evicted, 0));
        }

        return await delivery.AnswerAsync(cancellation);
    }

    /// <summary>Takes a request from the spool, to be stored unless the store has it.</summary>
    public void Replay(Delivery replay)
    {
        _replays.Enqueue(replay);
        _reader.Set();
    }

    /// <summary>The next for the writer: replays first, so that a full queue does not hold the spool's up.</summary>
    public bool TryRead(out Delivery? delivery) => _replays.TryDequeue(out delivery) || TryReadRequest(out delivery);

    /// <summary>The oldest request that waits; no replay.</summary>
    public bool TryReadRequest(out Delivery? delivery) => _requests.Reader.TryRead(out delivery);

    /// <summary>Returns when there may be something to read, or nothing more will come, or it was woken.</summary>
    public void WaitForMore() => _reader.WaitOne();

    /// <summary>Wakes the writer, for its timer and when the spool has taken what it may be waiting for.</summary>
    public void WakeReader() => _reader.Set();

    /// <summary>Nothing more is taken; what waits can still be read.</summary>
    public void Complete()
    {
        _requests.Writer.TryComplete();
        _reader.Set();
    }

    // Logged once when it begins and once when it is over, not once a request.
    private void Evict(Delivery oldest)
    {
        if (Interlocked.Increment(ref _evicted) == 1)
        {
            IsFull(Capacity);
        }

        oldest.Evict("queue_full", "the queue is full and this was its oldest request");
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The queue is full ({Capacity} requests): the oldest are evicted (queue_full), and refused or dropped")]
    private partial void IsFull(int capacity);

    [LoggerMessage(Level = LogLevel.Error, Message = "The queue has room again; {Requests} requests were evicted (queue_full)")]
    private partial void HasRoomAgain(int requests);
}
