namespace Collector.Storage.Sqlite;

/// <summary>How the SQLite store is opened.</summary>
public sealed class SqliteStoreOptions
{
    /// <summary>
    /// The folder of segment files, created where it is missing. Default <c>data</c>. One process at a time.
    /// </summary>
    public string Path { get; set; } = "data";

    /// <summary>Begins a new segment instead of going on with the newest. For tests, until roll-over does it.</summary>
    internal bool BeginSegment { get; set; }

    /// <summary>Which bits of an id's hash count. For tests of collisions.</summary>
    internal ulong IdHashMask { get; set; } = ulong.MaxValue;

    /// <summary>How many workers the hot index tells apart by itself. For tests.</summary>
    internal int MaxIndexedWorkers { get; set; } = ushort.MaxValue;
}
