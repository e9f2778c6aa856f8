using Collector.Model;
using Collector.Pipeline.Ledger;
using Collector.Pipeline.Queue;

namespace Collector.Pipeline.Spool;

/// <summary>
/// Brings spooled requests back to the writer in order, a bounded number at a time, and releases files when all of their
/// requests are stored. The spool's thread calls it.
/// </summary>
internal sealed partial class SpoolReplay(
    SpoolFolder folder, IngestQueue queue, SpoolInbox inbox, ByteBudget budget, DeliveryBooks books, TimeProvider clock,
    ILogger<SpoolReplay> log)
{
    private const string NeverTaken = "the store will never take it";

    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    private readonly Queue<Pending> _pending = new();

    // Stored by this process, but sent again because one before them was not.
    private readonly HashSet<LogId> _storedHere = [];
    private SpoolPosition _next;
    private SpoolFileName _lastFromBefore;
    private long? _pausedAt;
    private long _replayed;

    /// <summary>Requests that were settled, since the start.</summary>
    public long Settled { get; private set; }

    /// <summary>Not all requests on disk are stored yet.</summary>
    public bool IsBehind { get; private set; }

    /// <summary>
    /// Reads what an earlier process left: counts it, and remembers keys and streams, before a producer can repeat a request.
    /// </summary>
    /// <returns>How many requests there are.</returns>
    public int Load()
    {
        var count = 0;
        var position = folder.First;
        for (var start = position; folder.ReadNext(ref position) is { } payload; start = position, count++)
        {
            using var batch = BatchCodec.Read(payload, Unbounded.Instance);
            if (batch is null)
            {
                folder.Reject(start.File, start.Offset, payload, "it can't be decoded");
                continue;
            }

            Delivery.Find(books, batch);
        }

        for (var lost = 0; lost < folder.SetAside; lost++)
        {
            books.Ledger.DropUnread("spool_damaged");
        }

        _lastFromBefore = position.File;
        _next = folder.First;
        IsBehind = _next != default;
        return count;
    }

    /// <summary>Something was appended.</summary>
    public void Added()
    {
        IsBehind = true;
        if (_next == default)
        {
            _next = folder.First;
        }
    }

    /// <summary>Settles what came back, then sends more, up to <paramref name="max"/> at a time.</summary>
    public void Advance(int max)
    {
        folder.TidyUp();
        Settle();
        if (_pausedAt is { } pausedAt && clock.GetElapsedTime(pausedAt) < _pause)
        {
            return;
        }

        _pausedAt = null;
        while (IsBehind && _pending.Count < max && TrySubmitNext())
        {
        }

        if (IsBehind && _pending.Count == 0 && max > 0 && IsAtEnd())
        {
            folder.Done(_next);
            IsBehind = false;
            Finished(_replayed);
            _replayed = 0;
            _next = default;
        }
    }

    private bool IsAtEnd()
    {
        var probe = _next;
        return folder.ReadNext(ref probe) is null;
    }

    private void Settle()
    {
        while (_pending.TryPeek(out var oldest) && oldest.Delivery.IsCompleted)
        {
            if (!Settle(oldest))
            {
                SendAgainWhenAllEnded(oldest.Start);
                return;
            }

            _pending.Dequeue();
            oldest.Delivery.Release();
            folder.Done(oldest.End);
        }
    }

    // The store is away again: this one and all after it are replayed once more, in order, after a pause.
    private void SendAgainWhenAllEnded(SpoolPosition from)
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
        _next = from;
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
                SetAside(pending);
                break;
            case IngestStatus.Duplicate when !_storedHere.Remove(pending.Delivery.Batch.FirstLogId)
                && pending.End.File.CompareTo(_lastFromBefore) <= 0:
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

    private void SetAside(Pending pending)
    {
        var position = pending.Start;
        if (folder.ReadNext(ref position) is { } payload && position == pending.End)
        {
            folder.Reject(pending.Start.File, pending.Start.Offset, payload, NeverTaken);
        }

        pending.Delivery.Drop("poisoned", NeverTaken);
    }

    private bool TrySubmitNext()
    {
        var start = _next;
        if (folder.ReadNext(ref _next) is not { } payload)
        {
            return false;
        }

        var lease = new ByteLease(budget);
        var batch = BatchCodec.Read(payload, lease);
        lease.Settle();
        if (batch is null && lease.IsTooLargeAlone)
        {
            // Queue:MaxBytes was larger when it came. It was acknowledged, so it is read outside of the budget.
            batch = BatchCodec.Read(payload, Unbounded.Instance);
        }

        if (batch is null)
        {
            return SkipUnlessMemoryIsShort(start, payload);
        }

        var replay = Delivery.Replay(books, batch, inbox.Signal);
        replay.TryRetain(); // Until it is settled here, whatever the writer does.
        _pending.Enqueue(new Pending(replay, start, _next));
        queue.Replay(replay);
        return true;
    }

    private bool SkipUnlessMemoryIsShort(SpoolPosition start, byte[] payload)
    {
        using var batch = BatchCodec.Read(payload, Unbounded.Instance);
        if (batch is not null)
        {
            _next = start;
            return false;
        }

        folder.Reject(start.File, start.Offset, payload, "it can't be decoded");
        return true;
    }

    private sealed record Pending(Delivery Delivery, SpoolPosition Start, SpoolPosition End);

    [LoggerMessage(Level = LogLevel.Information, Message = "The spool is empty: {Requests} requests were stored from it")]
    private partial void Finished(long requests);
}
