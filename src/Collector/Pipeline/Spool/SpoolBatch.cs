using Collector.Model;
using Collector.Pipeline.Queue;
using Collector.Storage;

namespace Collector.Pipeline.Spool;

/// <summary>Requests that share one transaction and its sync.</summary>
internal sealed class SpoolBatch(ISpoolStore store)
{
    private const int LargeBytes = 4 << 20;

    // A batch under load is of about this size: a new buffer for each would be garbage by the hundred megabytes.
    private const int KeptBytes = 2 * LargeBytes;

    private readonly List<SpoolEntry> _entries = [];
    private byte[] _buffer = [];

    // For a batch beyond what is kept.
    private LargeBytes? _large;
    private long _bytes;

    public List<Delivery> Deliveries { get; } = [];

    /// <summary>Enough for one sync.</summary>
    public bool IsLarge => _bytes >= LargeBytes;

    public void Add(Delivery delivery)
    {
        Deliveries.Add(delivery);
        _bytes += BatchCodec.LengthOf(delivery.Batch);
    }

    /// <summary>True where all are on disk; else none is.</summary>
    public bool TryWrite(out string? error)
    {
        // Asked before anything is copied: a full spool is asked often.
        if (!store.HasRoomFor(_bytes, out error))
        {
            return false;
        }

        var rest = Room((int)_bytes);
        foreach (var delivery in Deliveries)
        {
            var payload = rest[..(int)BatchCodec.LengthOf(delivery.Batch)];
            BatchCodec.Write(delivery.Batch, payload.Span);
            _entries.Add(new SpoolEntry(RequestOf(delivery.Batch), payload));
            rest = rest[payload.Length..];
        }

        return store.TryAppend(_entries, out error);
    }

    public void Clear()
    {
        Deliveries.Clear();
        _entries.Clear();
        _bytes = 0;
        ((IDisposable?)_large)?.Dispose();
        _large = null;
    }

    private Memory<byte> Room(int bytes)
    {
        if (bytes > KeptBytes)
        {
            _large = new LargeBytes();
            _large.Resize(bytes);
            return _large.Memory;
        }

        if (_buffer.Length < bytes)
        {
            _buffer = GC.AllocateUninitializedArray<byte>(Math.Max(bytes, 64 * 1024));
        }

        return _buffer.AsMemory(0, bytes);
    }

    /// <summary>What is kept of a request beside its payload.</summary>
    public static SpooledRequest RequestOf(RowBatch batch)
    {
        var producers = new (string, int)[batch.Producers.Count];
        for (var i = 0; i < producers.Length; i++)
        {
            producers[i] = (System.Text.Encoding.UTF8.GetString(batch.Text(batch.Producers[i].Worker)), batch.Producers[i].Rows);
        }

        return new SpooledRequest(Position: 0, batch.Key, batch.ReceivedNanos, producers, batch.Stream);
    }
}
