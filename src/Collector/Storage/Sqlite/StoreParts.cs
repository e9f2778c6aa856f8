using Collector.Storage.Sqlite.Retention;
using Collector.Storage.Sqlite.Sealing;
using Collector.Storage.Sqlite.Search;
using Collector.Storage.Sqlite.Segments;

namespace Collector.Storage.Sqlite;

/// <summary>What a store is put together of.</summary>
internal sealed record StoreParts(
    FolderLock Lock, Catalog Catalog, SegmentFactory Starter, IdleReaders Idle, HotIndexRebuild Rebuild, SqliteReader Reader)
{
    public required SegmentSealer Sealer { get; init; }

    public required RetentionWorker Keeper { get; init; }

    /// <summary>From the back to the front, so that the writer's last checkpoint finds its file free.</summary>
    public void StopReading()
    {
        Rebuild.Dispose();
        Keeper.Dispose();
        Sealer.Dispose();
        Reader.Dispose();
        foreach (var segment in Catalog.Segments)
        {
            segment.Readers.Retire();
        }

        Idle.Dispose();
    }
}
