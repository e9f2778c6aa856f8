using Collector.Storage.Sqlite.Rollup;
using Collector.Storage.Sqlite.Search;

namespace Collector.Storage.Sqlite.Segments;

/// <summary>One file of the store as its readers see it.</summary>
internal sealed class Segment
{
    // The writer's, read by all.
    private ulong _firstArrival;
    private ulong _lastArrival;
    private bool _isDamaged;

    // Changed once by the sealer, read by all.
    private volatile HotIndexWriter? _feed;
    private volatile ISegmentSearch _search;
    private volatile SealedContents? _contents;
    private volatile bool _isSealing;
    private long _sealedBytes = -1;

    private Segment(SegmentName name, string path, in SegmentDescription described, IdleReaders idle)
    {
        Name = name;
        Path = path;
        CreatedNanos = described.CreatedNanos;
        Readers = new ReaderPool(path, idle, described.IsImmutable);
        (_firstArrival, _lastArrival) = described.Arrivals;
        _search = new SealedSearch(this, described.Extent);
    }

    public SegmentName Name { get; }

    public string Path { get; }

    public ulong CreatedNanos { get; }

    public ReaderPool Readers { get; }

    /// <summary>Fills the index in memory; null once the segment is sealed.</summary>
    public HotIndexWriter? Feed => _feed;

    public ISegmentSearch Search => _search;

    /// <summary>What questions may skip it by; null while it is unsealed.</summary>
    public SealedContents? Contents => _contents;

    public SegmentState State =>
        _contents is not null ? SegmentState.Sealed : _isSealing ? SegmentState.Sealing : SegmentState.Hot;

    /// <summary>Its file turned out to be broken: nobody reads it any more, and the writer leaves it.</summary>
    public bool IsDamaged { get => Volatile.Read(ref _isDamaged); set => Volatile.Write(ref _isDamaged, value); }

    public long Rows => _feed is { } feed ? feed.CommittedRows : _search.Rows;

    /// <summary>Earliest receipt of a row, in nanoseconds since 1970; zero where there is none.</summary>
    public ulong FirstArrivalNanos => Volatile.Read(ref _firstArrival);

    /// <summary>Latest receipt of a row.</summary>
    public ulong LastArrivalNanos => Volatile.Read(ref _lastArrival);

    /// <summary>
    /// Bytes on disk, by the directory's word: to open the file by other means than SQLite and close it again would
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

    public static Segment Unsealed(SegmentName name, string path, in SegmentDescription described, IdleReaders idle, HotIndex index, HotRollup rollup)
    {
        var segment = new Segment(name, path, described, idle) { _feed = new HotIndexWriter(index, rollup, described.LastRowid) };
        segment._search = new HotSearch(segment, index, rollup);
        return segment;
    }

    public static Segment Sealed(SegmentName name, string path, in SegmentDescription described, IdleReaders idle) =>
        new(name, path, described, idle) { _contents = described.Contents };

    /// <summary>The sealer is at it, or has given up for now.</summary>
    public void Sealing(bool isUnderWay) => _isSealing = isUnderWay;

    /// <summary>Its own indexes are there and committed: the one in memory goes, once its last question has ended.</summary>
    public void BecameSealed(SealedExtent extent, SealedContents contents)
    {
        _search = new SealedSearch(this, extent);
        _contents = contents;
        _feed = null;
    }

    /// <summary>The writer's word on what it committed, or the rebuild's on what it found.</summary>
    public void Arrived(ulong firstNanos, ulong lastNanos)
    {
        if (_firstArrival == 0 || firstNanos < _firstArrival)
        {
            Volatile.Write(ref _firstArrival, firstNanos);
        }

        Volatile.Write(ref _lastArrival, Math.Max(_lastArrival, lastNanos));
    }
}
