namespace Collector.Storage.Sqlite.Segments;

/// <summary>One file of the store: where it stands on its way from hot to sealed, and what is known of its rows.</summary>
internal sealed class Segment
{
    // Written by the writer, or by the rebuild after a start.
    private ulong _firstArrival;
    private ulong _lastArrival;

    // Written once, when it is sealed: the contents first, so that a reader that finds no feed finds contents.
    private volatile SealedContents? _contents;
    private volatile HotIndexWriter? _feed;

    private volatile bool _isSealing;
    private volatile bool _isDamaged;
    private volatile bool _isWritten;
    private volatile Segment? _replacedBy;
    private long _sealedBytes = -1;

    public Segment(SegmentName name, string path, in SegmentDescription described, IdleReaders idle, HotIndexWriter? feed)
    {
        Name = name;
        Path = path;
        CreatedNanos = described.CreatedNanos;
        (Format, Partial) = (described.WrittenFormat, described.Partial);
        Readers = new ReaderPool(path, idle, described.IsImmutable, described.Partial);
        (_firstArrival, _lastArrival) = described.Arrivals;
        (_contents, _feed) = (described.Contents, feed);
    }

    public SegmentName Name { get; }

    public string Path { get; }

    /// <summary>What its file lacked when it was opened; null: nothing.</summary>
    public SegmentShape? Partial { get; }

    /// <summary>Version of its tables.</summary>
    public long Format { get; }

    public ulong CreatedNanos { get; }

    public ReaderPool Readers { get; }

    /// <summary>Fills the index in memory; null once the segment is sealed.</summary>
    public HotIndexWriter? Feed => _feed;

    /// <summary>Null while it is unsealed.</summary>
    public SealedContents? Contents => _contents;

    public SegmentState State =>
        _contents is not null ? SegmentState.Sealed : _isSealing ? SegmentState.Sealing : SegmentState.Hot;

    /// <summary>A writer has it: whatever happens to it, that one leaves it first.</summary>
    public bool IsWritten { get => _isWritten; set => _isWritten = value; }

    /// <summary>
    /// A part of its file can't be read: the writer leaves it, it is not sealed, and what can be read of it is on its way into
    /// a file of its own. Until then it answers as far as it can.
    /// </summary>
    public bool IsDamaged { get => _isDamaged; set => _isDamaged = value; }

    /// <summary>The segment of the same number that has taken this one's place; null: it stands itself.</summary>
    public Segment? ReplacedBy { get => _replacedBy; set => _replacedBy = value; }

    /// <summary>Rows committed, whether queries see them yet or not.</summary>
    public long Rows => _feed is { } feed ? feed.CommittedRows - feed.Index.Skipped : _contents!.Rows;

    /// <summary>The last rowid committed.</summary>
    public long LastRow => _feed is { } feed ? feed.CommittedRows : _contents!.LastRow;

    /// <summary>The last rowid that queries see.</summary>
    public long VisibleRows => _feed is { } feed ? feed.Index.Count : _contents!.LastRow;

    /// <summary>Smallest event time; the largest number where there is no row.</summary>
    public ulong FirstTimestamp => _feed is { } feed ? feed.Index.FirstTimestamp : _contents!.FirstTimestamp;

    /// <summary>Largest event time.</summary>
    public ulong LastTimestamp => _feed is { } feed ? feed.Index.LastTimestamp : _contents!.LastTimestamp;

    /// <summary>Earliest receipt of a row, in nanoseconds since 1970; zero where there is none.</summary>
    public ulong FirstArrivalNanos => Volatile.Read(ref _firstArrival);

    /// <summary>Latest receipt of a row.</summary>
    public ulong LastArrivalNanos => Volatile.Read(ref _lastArrival);

    /// <summary>
    /// Bytes on disk, as the directory says: to open the file by other means than SQLite and close it again would
    /// drop the locks that this process holds on it. A sealed file's size is asked for once.
    /// </summary>
    public long Bytes
    {
        get
        {
            if (_contents is null || !Readers.IsImmutable)
            {
                return SegmentFile.SizeOf(Path);
            }

            if (Volatile.Read(ref _sealedBytes) < 0)
            {
                Volatile.Write(ref _sealedBytes, SegmentFile.SizeOf(Path));
            }

            return Volatile.Read(ref _sealedBytes);
        }
    }

    /// <summary>Whether its own indexes are being built.</summary>
    public void Sealing(bool isUnderWay) => _isSealing = isUnderWay;

    /// <summary>Its own indexes are committed: the one in memory goes, once its last query has ended.</summary>
    public void BecameSealed(SealedContents contents)
    {
        // Sealing adds what an earlier version's file lacked.
        Readers.BecameWhole();
        _contents = contents;
        _feed = null;
    }

    /// <summary>The writer calls it after a commit, the rebuild with what it found.</summary>
    public void Arrived(ulong firstNanos, ulong lastNanos)
    {
        if (_firstArrival == 0 || firstNanos < _firstArrival)
        {
            Volatile.Write(ref _firstArrival, firstNanos);
        }

        Volatile.Write(ref _lastArrival, Math.Max(_lastArrival, lastNanos));
    }
}
