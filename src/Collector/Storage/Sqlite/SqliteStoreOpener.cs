using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Retention;
using Collector.Storage.Sqlite.Salvage;
using Collector.Storage.Sqlite.Sealing;
using Collector.Storage.Sqlite.Search;
using Collector.Storage.Sqlite.Segments;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Sqlite;

/// <summary>
/// Opens a store. 1. Take the folder. 2. List the older segments. 3. Delete what the rules let go: on a full disk
/// nothing that is not sealed can be opened. 4. Open the newest as the hot one (a segment is sealed only after its
/// successor is there), or create it. 5. Start the lifecycle, which rebuilds the indexes in memory. A damaged file is renamed, so that the others answer.
/// </summary>
internal sealed class SqliteStoreOpener(SqliteStoreOptions options, Func<long> otherBytes, ILogger log, TimeProvider clock)
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
            return SqliteErrors.Classify(e.SqliteExtendedErrorCode) == AppendStatus.Transient
                ? StoreOpening.Failed(StoreProblem.Inaccessible, $"{_file} cannot be opened: {e.Message}")
                : StoreOpening.Failed(StoreProblem.Damaged, $"{_file} is damaged: {e.Message}");
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
        var factory = new SegmentFactory(_folder, options, _hasher, _catalog, idle, clock, log);
        var sealing = new SealingQueue(options, wake, log);
        var retention = new SegmentRetention(_folder, _catalog, sealing, new RetentionPolicy(options, clock), otherBytes, wake, clock, log);
        var salvager = new Salvager(_folder, factory, _catalog, sealing, damages, losses, clock, log);
        salvager.Recover();
        var cut = salvager.RepairWals(Catalog.NamesIn(_folder));
        var writer = OpenFiles(factory, retention, salvager);
        foreach (var segment in _catalog.Segments.Where(segment => cut.ContainsKey(segment.Name)))
        {
            // What only the bad frames held is missing in the middle: the rest goes into a file of its own.
            damages.Found(segment, SqliteErrors.Damage(cut[segment.Name]));
        }

        var appender = new SqliteAppender(writer, factory, _catalog, sealing, damages, losses, options, clock, log);
        var rebuild = new HotIndexRebuild(_catalog, damages, log, clock);
        var lifecycle = new SegmentLifecycle(rebuild, appender, sealing, retention, damages, salvager, wake, clock, log);
        GoOnSealing(sealing, writer.Segment);
        lifecycle.Start();
        return new SqliteStore(held, _catalog, idle, appender, new SqliteReader(_catalog, _hasher, damages, rebuild.Done), lifecycle);
    }

    private SegmentWriter OpenFiles(SegmentFactory factory, SegmentRetention retention, Salvager salvager)
    {
        var names = Catalog.NamesIn(_folder);
        var later = names.SkipLast(1).Where(name => !TryAddOlder(factory, salvager, name)).ToList();
        retention.Expire(later.Concat(names.TakeLast(1)).Sum(name => SegmentFile.SizeOf(factory.PathOf(name))));
        foreach (var name in later)
        {
            UseOrSave(factory, salvager, name, () => factory.AddOlder(name));
        }

        SegmentWriter? writer = null;
        if (names is [.., var newest])
        {
            // It may be sealed: a crash came before its successor was begun, or a person deleted that.
            UseOrSave(factory, salvager, newest, () =>
            {
                if (IsSealed(factory, newest))
                {
                    factory.AddOlder(newest);
                }
                else
                {
                    writer = factory.OpenHot(newest, StoreMemory.Empty);
                }
            });
        }

        return writer ?? OpenNew(factory);
    }

    // False: it can't be opened at the moment, since room or a lock is missing.
    private bool TryAddOlder(SegmentFactory factory, Salvager salvager, SegmentName name)
    {
        try
        {
            UseOrSave(factory, salvager, name, () => factory.AddOlder(name));
            return true;
        }
        catch (SqliteException e) when (SqliteErrors.Classify(e.SqliteExtendedErrorCode) == AppendStatus.Transient)
        {
            return false;
        }
    }

    // What an earlier process left unsealed, or sealed and not yet without its WAL.
    private void GoOnSealing(SealingQueue sealing, Segment hot)
    {
        foreach (var segment in _catalog.Segments.Where(segment => segment != hot && !segment.Readers.IsImmutable))
        {
            sealing.Enqueue(segment, connection: null);
        }
    }

    // A file whose creation was cut short has no tables yet, and is not a sealed one.
    private static bool IsSealed(SegmentFactory factory, SegmentName name)
    {
        try
        {
            return factory.IsSealed(name);
        }
        catch (SqliteException)
        {
            return false;
        }
    }

    private SegmentWriter OpenNew(SegmentFactory factory)
    {
        var name = factory.NextName();
        _file = factory.PathOf(name);
        return factory.OpenNew(name);
    }

    // One broken file must not keep the others from answering, nor new rows from being stored.
    private void UseOrSave(SegmentFactory factory, Salvager salvager, SegmentName name, Action use)
    {
        _file = factory.PathOf(name);
        try
        {
            use();
        }
        catch (SqliteException e) when (SqliteErrors.IsDamage(e.SqliteExtendedErrorCode))
        {
            salvager.SaveUnlisted(name, e.Message);
        }
    }
}
