namespace Collector.Storage.Sqlite.Segments;

/// <summary>How the SQLite store is opened.</summary>
internal sealed class SqliteStoreOptions
{
    // As open_writer.sql has it.
    internal const long DefaultWal = 2_000 * SegmentWriter.PageSize;

    /// <summary>
    /// The folder of segment files, created where it is missing. Default <c>data</c>. One process at a time.
    /// </summary>
    public string Path { get; set; } = "data";

    /// <inheritdoc cref="StorageOptions.SegmentRows"/>
    public int SegmentRows { get; set; } = 1_000_000;

    /// <inheritdoc cref="StorageOptions.SegmentBytes"/>
    public long SegmentBytes { get; set; } = 1_073_741_824;

    /// <inheritdoc cref="StorageOptions.TextIndex"/>
    public bool TextIndex { get; set; } = true;

    /// <summary>When segments are deleted.</summary>
    public RetentionOptions Retention { get; set; } = new();

    /// <summary>Asks the folder's disk; null: by the system. For tests.</summary>
    internal Func<DiskSpace?>? AskDisk { get; set; }

    /// <summary>Called with the path of a new segment before its creation is committed. For tests.</summary>
    internal Action<string>? Creating { get; set; }

    /// <summary>Rows of a text index's blocks, at most. For tests.</summary>
    internal int RowsInTextBlock { get; set; } = 512;

    /// <summary>Which bits of an id's hash count. For tests of collisions.</summary>
    internal ulong IdHashMask { get; set; } = ulong.MaxValue;

    /// <summary>How many workers the hot index tells apart by itself. For tests.</summary>
    internal int MaxIndexedWorkers { get; set; } = ushort.MaxValue;

    /// <summary>
    /// Cells of a segment's figures by minute, worker and kind: some 10 MB. More are not kept. For tests.
    /// </summary>
    internal int MaxRollupCells { get; set; } = 50_000;

    /// <summary>Idle connections to all segments together. For tests.</summary>
    internal int MaxIdleReaders { get; set; } = 64;
}
