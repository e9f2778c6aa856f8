using System.Collections.Concurrent;

namespace Collector.Pipeline.Queue;

/// <summary>
/// What other threads leave for the spool's: requests that the writer could not store, and the group that it is writing.
/// No call blocks. A caller that leaves a request leaves its hold too.
/// </summary>
internal sealed class SpoolInbox
{
    private readonly ConcurrentQueue<Delivery> _left = new();
    private volatile Delivery[] _underWay = [];
    private volatile bool _isClosed;

    /// <summary>Wakes the spool's thread.</summary>
    public Signal Signal { get; } = new();

    /// <summary>The spool's thread has died: whatever is left here is evicted.</summary>
    public bool IsClosed => _isClosed;

    public bool IsEmpty => _left.IsEmpty;

    /// <summary>The requests that the writer holds while the store works; a stuck store keeps them waiting.</summary>
    public Delivery[] UnderWay
    {
        get => _underWay;
        set => _underWay = value;
    }

    public void Accept(Delivery delivery)
    {
        _left.Enqueue(delivery);
        Signal.Set();
        if (_isClosed)
        {
            EvictAll();
        }
    }

    public bool TryTake(out Delivery? delivery) => _left.TryDequeue(out delivery);

    /// <summary>Nobody takes from here any more.</summary>
    public void Close()
    {
        _isClosed = true;
        EvictAll();
    }

    private void EvictAll()
    {
        while (_left.TryDequeue(out var delivery))
        {
            delivery.Evict("spool_failed", "the spool has failed");
        }
    }
}
