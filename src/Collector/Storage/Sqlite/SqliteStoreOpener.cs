using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Retention;
using Collector.Storage.Sqlite.Sealing;
using Collector.Storage.Sqlite.Search;
using Collector.Storage.Sqlite.Segments;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Sqlite;

/// <summary>
/// Opens a store. 1. Take the folder. 2. List the older segments. 3. Delete what the rules let go: on a full disk
/// nothing that is not sealed can be opened. 4. Open the newest as the hot one (a segment is sealed only after its
/// successor is there), or create it. 5. Start to rebuild the indexes in memory. A damaged file is set aside.
/// </summary>
internal sealed class SqliteStoreOpener(SqliteStoreOptions options, ILogger log, TimeProvider clock)
{
    private const string LockName = "collector";

    private readonly string _folder = Path.GetFullPath(options.Path);
    private readonly IdHasher _hasher = new(options.IdHashMask);
    private readonly Catalog _catalog = new();

    // The file at work, for the error message.
    private string _file = "";

    public StoreOpening Open()
    {
        FolderLock? held = null;
        try
        {
            Directory.CreateDirectory(_folder);
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
            return SqliteErrors.Classify(e.SqliteExtendedErrorCode) == AppendStatus.Transient
                ? StoreOpening.Failed(StoreProblem.Inaccessible, $"{_file} cannot be opened: {e.Message}")
                : StoreOpening.Failed(StoreProblem.Damaged, $"{_file} is damaged: {e.Message}");
        }
    }

    private StoreOpening HeldByAnother() =>
        StoreOpening.Failed(StoreProblem.Locked, $"{_folder} is in use by {FolderLock.HolderOf(_folder, LockName)}.");

    private SqliteStore OpenSegments(FolderLock held)
    {
        var idle = new IdleReaders(options.MaxIdleReaders);
        var starter = new SegmentFactory(_folder, options, _hasher, _catalog, idle, clock);
        var rebuild = new HotIndexRebuild(_catalog, starter, log, clock);
        var sealer = new SegmentSealer(rebuild.Done, options.Sealing, log);
        var reader = new SqliteReader(_catalog, _hasher, rebuild.Done);
        var parts = new StoreParts(held, _catalog, starter, idle, rebuild, reader)
        {
            Sealer = sealer,
            Keeper = new RetentionWorker(_folder, _catalog, sealer, options, clock, log),
        };
        sealer.Sealed = parts.Keeper.Wake;
        sealer.RowsOfHot = () => _catalog.Segments[^1].Rows;
        var writer = OpenFiles(parts);
        var store = new SqliteStore(parts, writer, options, clock, log);
        GoOnSealing(sealer, writer.Segment);
        rebuild.Start();
        sealer.Start();
        parts.Keeper.Start();
        return store;
    }

    private SegmentWriter OpenFiles(StoreParts parts)
    {
        var starter = parts.Starter;
        var names = Catalog.NamesIn(_folder);
        var later = names.SkipLast(1).Where(name => !TryAddOlder(starter, name)).ToList();
        parts.Keeper.Pass(later.Concat(names.TakeLast(1)).Sum(name => SegmentFile.SizeOf(starter.PathOf(name))));
        foreach (var name in later)
        {
            UseOrSetAside(starter, name, () => starter.AddOlder(name));
        }

        SegmentWriter? writer = null;
        if (names is [.., var newest])
        {
            // Sealed with its successor not there: a crash between the two, or a file that somebody deleted.
            UseOrSetAside(starter, newest, () =>
            {
                if (IsSealed(starter, newest))
                {
                    starter.AddOlder(newest);
                }
                else
                {
                    writer = starter.OpenHot(newest, StoreMemory.Empty);
                }
            });
        }

        return writer ?? OpenNew(starter);
    }

    // False: it can't be opened at the moment, for want of room or of a lock.
    private bool TryAddOlder(SegmentFactory starter, SegmentName name)
    {
        try
        {
            UseOrSetAside(starter, name, () => starter.AddOlder(name));
            return true;
        }
        catch (SqliteException e) when (SqliteErrors.Classify(e.SqliteExtendedErrorCode) == AppendStatus.Transient)
        {
            return false;
        }
    }

    // What an earlier process left unsealed, or sealed and not yet without its WAL.
    private void GoOnSealing(SegmentSealer sealer, Segment hot)
    {
        foreach (var segment in _catalog.Segments.Where(segment => segment != hot && !segment.Readers.IsImmutable))
        {
            sealer.Enqueue(segment, connection: null);
        }
    }

    // A file whose creation was cut short has no tables yet, and is no sealed one.
    private static bool IsSealed(SegmentFactory starter, SegmentName name)
    {
        try
        {
            return starter.IsSealed(name);
        }
        catch (SqliteException)
        {
            return false;
        }
    }

    private SegmentWriter OpenNew(SegmentFactory starter)
    {
        var name = starter.NextName();
        _file = starter.PathOf(name);
        return starter.OpenNew(name);
    }

    // One broken file must not keep the others from answering, nor new rows from being stored.
    private void UseOrSetAside(SegmentFactory starter, SegmentName name, Action use)
    {
        _file = starter.PathOf(name);
        try
        {
            use();
        }
        catch (SqliteException e) when (SqliteErrors.IsDamage(e.SqliteExtendedErrorCode))
        {
            SqliteStore.LogSetAside(log, _file, starter.SetAside(name), e.Message);
        }
    }
}
