using Collector.Storage.Sqlite;

namespace Collector.Hosting;

/// <summary>The settings as the store takes them.</summary>
internal static class StoreSettings
{
    public static SqliteStoreOptions Of(CollectorOptions options) => new()
    {
        Path = options.Storage.Path,
        SegmentRows = options.Storage.SegmentRows,
        SegmentBytes = options.Storage.SegmentBytes,
        TextIndex = options.Storage.TextIndex,
        Retention = options.Retention,
        OtherBytes = () => BytesIn(options.Spool.Path),
    };

    private static long BytesIn(string folder) =>
        Directory.Exists(folder) ? new DirectoryInfo(folder).EnumerateFiles().Sum(static file => file.Exists ? file.Length : 0) : 0;
}
