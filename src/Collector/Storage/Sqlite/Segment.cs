namespace Collector.Storage.Sqlite;

/// <summary>One file of the store as its readers see it.</summary>
internal sealed class Segment : IDisposable
{
    private ulong _firstArrival;
    private ulong _lastArrival;
    private bool _isDamaged;

    public Segment(SegmentName name, string path, in SegmentDescription described, HotIndex index)
    {
        Name = name;
        Path = path;
        State = described.State;
        Index = index;
        Feed = new HotIndexFeed(index, described.LastRowid);
        Readers = new ReaderPool(path);
        _firstArrival = described.FirstArrivalNanos;
        _lastArrival = described.LastArrivalNanos;
    }

    public SegmentName Name { get; }

    public string Path { get; }

    public SegmentState State { get; }

    public HotIndex Index { get; }

    public HotIndexFeed Feed { get; }

    public ReaderPool Readers { get; }

    /// <summary>Its file turned out to be broken: nobody reads it any more, and the writer leaves it.</summary>
    public bool IsDamaged { get => Volatile.Read(ref _isDamaged); set => Volatile.Write(ref _isDamaged, value); }

    public long Rows => Feed.CommittedRows;

    /// <summary>Receipt of the first row, in nanoseconds since 1970; zero where there is none.</summary>
    public ulong FirstArrivalNanos => Volatile.Read(ref _firstArrival);

    /// <summary>Receipt of the newest row.</summary>
    public ulong LastArrivalNanos => Volatile.Read(ref _lastArrival);

    /// <summary>
    /// Bytes on disk, by the directory's word: to open the file by other means than SQLite and close it again would
    /// drop the locks that this process holds on it.
    /// </summary>
    public long Bytes => SizeOf(Path) + SizeOf(Path + "-wal") + SizeOf(Path + "-shm");

    /// <summary>The writer's word on what it committed.</summary>
    public void Arrived(ulong firstNanos, ulong lastNanos)
    {
        if (_firstArrival == 0)
        {
            Volatile.Write(ref _firstArrival, firstNanos);
        }

        Volatile.Write(ref _lastArrival, Math.Max(_lastArrival, lastNanos));
    }

    public void Dispose() => Readers.Dispose();

    private static long SizeOf(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? file.Length : 0;
    }
}
