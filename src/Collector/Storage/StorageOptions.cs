namespace Collector.Storage;

/// <summary>Where rows are kept.</summary>
internal sealed class StorageOptions
{
    /// <summary>The engine. Default <c>Sqlite</c>, the only one so far.</summary>
    public StorageEngine Engine { get; set; } = StorageEngine.Sqlite;

    /// <summary>The folder of the segments; one Collector at a time. Default <c>data</c>.</summary>
    public string Path { get; set; } = "data";

    /// <summary>Rows after which a segment is sealed. Default 1,000,000; 1,000 to 10,000,000.</summary>
    public int SegmentRows { get; set; } = 1_000_000;

    /// <summary>Bytes after which a segment is sealed. Default 1 GiB; 1 MiB to 64 GiB.</summary>
    public long SegmentBytes { get; set; } = 1_073_741_824;

    /// <summary>
    /// Sealed segments get an index of their text, so that a search for a rare word reads only what may hold it; without
    /// it every row is read. Default <c>true</c>. It holds for what is sealed from then on.
    /// </summary>
    public bool TextIndex { get; set; } = true;
}

internal enum StorageEngine
{
    Sqlite,
}
