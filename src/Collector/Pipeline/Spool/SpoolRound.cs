namespace Collector.Pipeline.Spool;

/// <summary>Requests that share one write and one sync.</summary>
internal sealed class SpoolRound(SpoolFolder folder)
{
    private const int LargeBytes = 4 << 20;

    private int _bytes;

    public List<IngestEntry> Entries { get; } = [];

    /// <summary>Enough for one sync.</summary>
    public bool IsLarge => _bytes >= LargeBytes;

    public void Add(IngestEntry entry)
    {
        Entries.Add(entry);
        _bytes += SpoolFile.EntryHeadLength + BatchCodec.LengthOf(entry.Batch);
    }

    /// <summary>True where all are on disk; else none is.</summary>
    public bool TryWrite(out string? error)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(_bytes);
        var rest = bytes.AsSpan();
        foreach (var entry in Entries)
        {
            var length = SpoolFile.EntryHeadLength + BatchCodec.LengthOf(entry.Batch);
            BatchCodec.Write(entry.Batch, rest[SpoolFile.EntryHeadLength..length]);
            SpoolFile.WriteHead(rest[..length]);
            rest = rest[length..];
        }

        return folder.TryAppend(bytes, out error);
    }

    public void Clear()
    {
        Entries.Clear();
        _bytes = 0;
    }
}
