using Collector.Model;
using Collector.Pipeline.Ledger;
using Collector.Pipeline.Queue;
using Collector.Storage;

namespace Collector.Pipeline.Spool;

/// <summary>
/// Brings spooled requests back to the writer in order, a bounded number at a time, and lets go of those that are settled.
/// The spool's thread calls it.
/// </summary>
internal sealed partial class SpoolReplay(
    ISpoolStore store, IngestQueue queue, SpoolInbox inbox, ByteBudget budget, DeliveryBooks books, TimeProvider clock,
    ILogger<SpoolReplay> log, IRowPiecesFactory? pieces = null)
{
    private const string NeverTaken = "the store will never take it";
    private const string Unreadable = "it can't be read";
    private const string Damaged = "spool_damaged";

    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    private readonly Queue<Pending> _pending = new();

    // Stored by this process, but sent again because one before them was not.
    private readonly HashSet<LogId> _storedHere = [];

    // Of an earlier process, whose key the store has: refused then, or stored after all, and sent again.
    private readonly HashSet<long> _storedBefore = [];
    private bool _isLoaded;
    private long _submitted;
    private long _lastFromBefore;
    private long? _pausedAt;
    private long _replayed;

    /// <summary>Requests that were settled, since the start.</summary>
    public long Settled { get; private set; }

    /// <summary>Not all requests on disk are stored yet.</summary>
    public bool IsBehind { get; private set; }

    /// <summary>
    /// Reads what an earlier process left: counts it, and remembers keys and streams, before a producer can repeat a request.
    /// No payload is read, so that a large spool holds up no start.
    /// </summary>
    /// <param name="stored">Keys of requests that the store has.</param>
    /// <param name="old">What an earlier version left; null: not looked for.</param>
    /// <returns>How many requests wait.</returns>
    public int Load(IReadOnlySet<RequestKey> stored, OldSpool? old = null)
    {
        var lost = old?.MoveTo(store) ?? [];
        if (store.Recall() is not { } memory)
        {
            return 0;
        }

        _isLoaded = true;
        foreach (var request in memory.Requests)
        {
            _lastFromBefore = request.Position;
            if (request.Key is { } key && stored.Contains(key))
            {
                _storedBefore.Add(request.Position);
                continue;
            }

            Delivery.Find(books, request);
        }

        foreach (var request in store.TakeLost().Concat(lost))
        {
            books.Ledger.Find(request.Producers);
            Lose(request, Damaged);
        }

        books.Ledger.RestoreLosses(memory.Accounts, memory.Gaps);
        IsBehind = memory.Requests.Count > 0;
        return memory.Requests.Count - _storedBefore.Count;
    }

    /// <summary>Something was appended.</summary>
    public void Added() => IsBehind = true;

    /// <summary>Settles what came back, then sends more, up to <paramref name="max"/> at a time.</summary>
    public void Advance(int max)
    {
        store.TidyUp();
        Settle();
        foreach (var lost in store.TakeLost())
        {
            Lose(lost, Damaged);
        }

        if (_pausedAt is { } pausedAt && clock.GetElapsedTime(pausedAt) < _pause)
        {
            return;
        }

        _pausedAt = null;
        if (!_isLoaded)
        {
            // It could not be read at the start.
            Load(System.Collections.Immutable.ImmutableHashSet<RequestKey>.Empty);
            if (!_isLoaded)
            {
                _pausedAt = clock.GetTimestamp();
                return;
            }
        }

        while (IsBehind && _pending.Count < max && TrySubmitNext())
        {
        }

        if (IsBehind && _pending.Count == 0 && max > 0 && store.ReadNext(_submitted) is null)
        {
            store.Done(_submitted);
            IsBehind = false;
            Finished(_replayed);
            _replayed = 0;
        }
    }

    private void Settle()
    {
        var settled = 0L;
        while (_pending.TryPeek(out var oldest) && oldest.Delivery.IsCompleted)
        {
            if (!Settle(oldest))
            {
                SendAgainWhenAllEnded(oldest.Request.Position);
                break;
            }

            _pending.Dequeue();
            oldest.Delivery.Release();
            settled = oldest.Request.Position;
        }

        if (settled > 0)
        {
            store.Done(settled);
        }
    }

    // The store is away again: this one and all after it are replayed once more, in order, after a pause.
    private void SendAgainWhenAllEnded(long from)
    {
        // If the writer still had one of them, it would store it and its second copy.
        if (!_pending.All(pending => pending.Delivery.IsCompleted))
        {
            return;
        }

        foreach (var pending in _pending)
        {
            if (pending.Delivery.Status == IngestStatus.Stored)
            {
                _storedHere.Add(pending.Delivery.Batch.FirstLogId);
            }

            pending.Delivery.Release();
        }

        _pending.Clear();
        _submitted = from - 1;
        _pausedAt = clock.GetTimestamp();
    }

    // False: it is still to be stored.
    private bool Settle(Pending pending)
    {
        switch (pending.Delivery.Status)
        {
            case IngestStatus.Refused:
                return false;
            case IngestStatus.Rejected:
                if (store.ReadNext(pending.Request.Position - 1) is { } entry)
                {
                    store.Reject(entry, NeverTaken);
                }

                pending.Delivery.Drop("poisoned", NeverTaken);
                break;
            case IngestStatus.Duplicate when !_storedHere.Remove(pending.Delivery.Batch.FirstLogId)
                && pending.Request.Position <= _lastFromBefore:
                // The accounts that an earlier process kept with its rows count it as stored already.
                pending.Delivery.Forget();
                break;
            default:
                // It was counted when the writer committed it, now or before it was spooled.
                break;
        }

        _replayed++;
        Settled++;
        return true;
    }

    // False: at the end, or memory is short.
    private bool TrySubmitNext()
    {
        if (store.ReadNext(_submitted) is not { } entry)
        {
            return false;
        }

        var position = entry.Request.Position;
        if (_storedBefore.Remove(position))
        {
            _submitted = position;
            return true;
        }

        var lease = new ByteLease(budget);
        var batch = BatchCodec.Read(entry.Payload.Span, lease, pieces);
        lease.Settle();
        if (batch is null && IsMemoryShort(entry, lease, out batch))
        {
            return false;
        }

        _submitted = position;
        if (batch is null)
        {
            store.Reject(entry, Unreadable);
            Lose(entry.Request, Damaged);
            return true;
        }

        var replay = Delivery.Replay(books, batch, inbox.Signal);
        replay.TryRetain(); // Until it is settled here, whatever the writer does.
        _pending.Enqueue(new Pending(replay, entry.Request));
        queue.Replay(replay);
        return true;
    }

    // Queue:MaxBytes may have been larger when it came: it was acknowledged, so it is read outside of the budget.
    private bool IsMemoryShort(in SpoolEntry entry, ByteLease lease, out RowBatch? batch)
    {
        batch = BatchCodec.Read(entry.Payload.Span, Unbounded.Instance, pieces);
        if (batch is null || lease.IsTooLargeAlone)
        {
            return false;
        }

        batch.Dispose();
        batch = null;
        return true;
    }

    private void Lose(SpooledRequest request, string reason)
    {
        if (request.Key is { } key)
        {
            books.Repeats.Forget(key);
        }

        if (request.Stream is { } part)
        {
            books.Streams.Lose(part, Unreadable);
        }

        books.Ledger.DropSpooled(request.Producers, request.ReceivedNanos, reason);
    }

    private sealed record Pending(Delivery Delivery, SpooledRequest Request);

    [LoggerMessage(Level = LogLevel.Information, Message = "The spool is empty: {Requests} requests were stored from it")]
    private partial void Finished(long requests);
}
