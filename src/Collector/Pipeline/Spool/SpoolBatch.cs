using Collector.Pipeline.Queue;

namespace Collector.Pipeline.Spool;

/// <summary>Requests that share one write and one sync.</summary>
internal sealed class SpoolBatch(SpoolFolder folder)
{
    private const int LargeBytes = 4 << 20;

    // A batch under load is of about this size: a new buffer for each would be garbage by the hundred megabytes.
    private const int KeptBytes = 2 * LargeBytes;

    private byte[] _buffer = [];
    private long _bytes;

    public List<Delivery> Deliveries { get; } = [];

    /// <summary>Enough for one sync.</summary>
    public bool IsLarge => _bytes >= LargeBytes;

    public void Add(Delivery delivery)
    {
        Deliveries.Add(delivery);
        _bytes += SpoolFile.EntryHeadLength + BatchCodec.LengthOf(delivery.Batch);
    }

    /// <summary>True where all are on disk; else none is.</summary>
    public bool TryWrite(out string? error)
    {
        // Asked before anything is copied: a full spool is asked often.
        if (!folder.HasRoomFor(_bytes, out error))
        {
            return false;
        }

        if (_buffer.Length < _bytes)
        {
            _buffer = GC.AllocateUninitializedArray<byte>(Math.Max((int)_bytes, 64 * 1024));
        }

        var rest = _buffer.AsSpan(0, (int)_bytes);
        foreach (var delivery in Deliveries)
        {
            var length = SpoolFile.EntryHeadLength + (int)BatchCodec.LengthOf(delivery.Batch);
            BatchCodec.Write(delivery.Batch, rest[SpoolFile.EntryHeadLength..length]);
            SpoolFile.WriteHead(rest[..length]);
            rest = rest[length..];
        }

        return folder.TryAppend(_buffer.AsSpan(0, (int)_bytes), out error);
    }

    public void Clear()
    {
        Deliveries.Clear();
        _bytes = 0;
        if (_buffer.Length > KeptBytes)
        {
            _buffer = [];
        }
    }
}
