using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Retention;
using Collector.Storage.Sqlite.Salvage;
using Collector.Storage.Sqlite.Sealing;
using Collector.Storage.Sqlite.Search;
using Collector.Storage.Sqlite.Segments;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Sqlite;

/// <summary>
/// Opens a store. 1. Take the folder. 2. Look at every file that bears a segment's name, and list those that can be used: no
/// single one stops the start. 3. Delete what the rules let go: on a full disk nothing that is not sealed can be opened. 4.
/// Open the newest as the hot one (a segment is sealed only after its successor is there), or create it. 5. Start the
/// lifecycle, which rebuilds the indexes in memory.
/// </summary>
internal sealed partial class SqliteStoreOpener(SqliteStoreOptions options, Func<long> otherBytes, ILogger log, TimeProvider clock)
{
    private const string LockName = "collector";

    private readonly string _folder = Path.GetFullPath(options.Path);
    private readonly IdHasher _hasher = new(options.IdHashMask);
    private readonly Catalog _catalog = new();

    public StoreOpening Open()
    {
        FolderLock? held = null;
        try
        {
            FileSync.Default.CreateFolder(_folder);
            held = FolderLock.TryTake(_folder, LockName);
            return held is null ? HeldByAnother() : new StoreOpening(OpenSegments(held), StoreProblem.None, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            held?.Dispose();
            return StoreOpening.Failed(StoreProblem.Inaccessible, $"{_folder} cannot be used: {e.Message}");
        }
        catch (SqliteException e)
        {
            held?.Dispose();
            return StoreOpening.Failed(StoreProblem.Inaccessible, $"no segment can be begun in {_folder}: {e.Message}");
        }
    }

    private StoreOpening HeldByAnother() =>
        StoreOpening.Failed(StoreProblem.Locked, $"{_folder} is in use by {FolderLock.HolderOf(_folder, LockName)}.");

    private SqliteStore OpenSegments(FolderLock held)
    {
        var wake = new AutoResetEvent(false);
        var idle = new IdleReaders(options.MaxIdleReaders);
        var damages = new Damages(_catalog, wake, clock, log);
        var losses = new StoreLosses();
        var space = new StoreSpace(options, clock);
        var factory = new SegmentFactory(_folder, options, space, _hasher, _catalog, idle, damages, clock);
        var sealing = new SealingQueue(options, wake, log);
        var policy = new RetentionPolicy(options, space, clock);
        var retention = new SegmentRetention(_folder, _catalog, sealing, policy, space, otherBytes, wake, clock, log);
        var salvager = new Salvager(_folder, factory, _catalog, sealing, damages, losses, clock, log);
        salvager.Recover();
        var cut = salvager.RepairWals(Catalog.NamesIn(_folder));
        var files = new SegmentFiles(_folder, factory, _catalog, sealing, salvager, clock, log);
        var writer = OpenHot(factory, files, retention, sealing, space);
        foreach (var segment in _catalog.Segments.Where(segment => cut.ContainsKey(segment.Name)))
        {
            salvager.Tell(segment, cut[segment.Name]);
        }

        var appender = new SqliteAppender(writer, factory, _catalog, sealing, damages, losses, options, space, clock, log);
        var rebuild = new HotIndexRebuild(_catalog, damages, log, clock);
        var lifecycle = new SegmentLifecycle(rebuild, appender, sealing, retention, files, damages, salvager, space, wake, clock, log);
        lifecycle.Start();
        return new SqliteStore(held, _catalog, idle, appender, new SqliteReader(_catalog, _hasher, damages, rebuild.Done), lifecycle);
    }

    // Null: none can be begun, which the writer tries again.
    private SegmentWriter? OpenHot(SegmentFactory factory, SegmentFiles files, SegmentRetention retention, SealingQueue sealing, StoreSpace space)
    {
        var newest = files.Look();
        retention.ExpireAtStart();
        files.LookAgain(isStart: true);
        SegmentWriter? writer = null;
        try
        {
            // One that is there is opened on a full disk too, as it was when that became full; to create one would write.
            writer = newest is { } hot ? factory.OpenHot(hot.Name, hot.Described)
                : space.IsBelowFloor ? null
                : factory.OpenNew(factory.NextName());
        }
        catch (SqliteException e) when (newest is not null || SqliteErrors.Classify(e.SqliteExtendedErrorCode) == AppendStatus.Transient)
        {
            LogNotBegun(log, _folder, SystemError.Explain(e, newest is { } hot ? factory.PathOf(hot.Name) : null));
        }

        if (writer is null && newest is { } left)
        {
            factory.AddOlder(left.Name, left.Described);
        }

        GoOnSealing(sealing, writer?.Segment);
        return writer;
    }

    // What an earlier process left unsealed, or sealed and not yet without its WAL.
    private void GoOnSealing(SealingQueue sealing, Segment? hot)
    {
        foreach (var segment in _catalog.Segments.Where(s => s != hot && (s.State != SegmentState.Sealed || !s.Readers.IsImmutable)))
        {
            sealing.Enqueue(segment, connection: null);
        }
    }

    [LoggerMessage(LogLevel.Error, "Nothing is taken until a segment can be begun in {Folder}; what is stored is answered: {Error}")]
    private static partial void LogNotBegun(ILogger log, string folder, string error);
}
