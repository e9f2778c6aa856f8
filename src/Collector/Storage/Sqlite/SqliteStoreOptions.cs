namespace Collector.Storage.Sqlite;

/// <summary>How the SQLite store is opened.</summary>
public sealed class SqliteStoreOptions
{
    /// <summary>
    /// The folder of segment files, created where it is missing. Default <c>data</c>. One process at a time.
    /// </summary>
    public string Path { get; set; } = "data";

    /// <inheritdoc cref="StorageOptions.SegmentRows"/>
    public int SegmentRows { get; set; } = 1_000_000;

    /// <inheritdoc cref="StorageOptions.SegmentBytes"/>
    public long SegmentBytes { get; set; } = 1_073_741_824;

    /// <summary>When segments are deleted.</summary>
    public RetentionOptions Retention { get; set; } = new();

    /// <summary>Bytes elsewhere that count against <see cref="RetentionOptions.MaxBytes"/>. Default none.</summary>
    public Func<long> OtherBytes { get; set; } = static () => 0;

    /// <summary>Which bits of an id's hash count. For tests of collisions.</summary>
    internal ulong IdHashMask { get; set; } = ulong.MaxValue;

    /// <summary>How many workers the hot index tells apart by itself. For tests.</summary>
    internal int MaxIndexedWorkers { get; set; } = ushort.MaxValue;

    /// <summary>Idle connections to all segments together. For tests.</summary>
    internal int MaxIdleReaders { get; set; } = 64;
}
