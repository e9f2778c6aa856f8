using Microsoft.Extensions.Logging;

namespace Collector.Storage.Sqlite;

/// <summary>
/// Opens a store. 1. Take the folder. 2. List the segments; the newest is hot (a segment is sealed only after its
/// successor is there), or the first is created. 3. Open the writer, which creates or completes the hot file.
/// 4. Read what each segment says of itself. 5. Start to rebuild the indexes. A damaged file is set aside.
/// </summary>
internal sealed class SqliteStoreOpener(SqliteStoreOptions options, ILogger log, TimeProvider clock)
{
    private readonly string _folder = Path.GetFullPath(options.Path);
    private readonly IdHasher _hasher = new(options.IdHashMask);
    private readonly Catalog _catalog = new();

    // The file at work, for the error message.
    private string _file = "";

    public StoreOpening Open()
    {
        StoreLock? held = null;
        try
        {
            Directory.CreateDirectory(_folder);
            held = StoreLock.TryAcquire(_folder);
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
            return SqliteErrors.Classify(e.Code) == AppendStatus.Transient
                ? StoreOpening.Failed(StoreProblem.Inaccessible, $"{_file} cannot be opened: {e.Message}")
                : StoreOpening.Failed(StoreProblem.Damaged, $"{_file} is damaged: {e.Message}");
        }
    }

    private StoreOpening HeldByAnother()
    {
        var holder = StoreLock.HolderOf(_folder) is { } pid ? $"process {pid}" : "another process";
        return StoreOpening.Failed(StoreProblem.Locked, $"{_folder} is in use by {holder}.");
    }

    private SqliteStore OpenSegments(StoreLock held)
    {
        var idle = new IdleReaders(options.MaxIdleReaders);
        var starter = new SegmentStarter(_folder, options, _hasher, _catalog, idle, clock);
        var names = Catalog.NamesIn(_folder);
        SegmentWriter? writer = null;
        foreach (var name in names)
        {
            // Sealed with its successor not there: a crash between the two, or a file that somebody deleted.
            UseOrSetAside(starter, name, () =>
            {
                if (name != names[^1] || IsSealed(starter, name))
                {
                    starter.AddOlder(name);
                }
                else
                {
                    // The hot one's own description comes through its writer, after it is sure to be complete.
                    writer = starter.OpenHot(name, carried: []);
                }
            });
        }

        writer ??= OpenNew(starter);
        var rebuild = new HotIndexRebuild(_catalog, starter, log, clock);
        var sealer = new SegmentSealer(rebuild.Done, log);
        var reader = new SqliteReader(_catalog, _hasher, rebuild.Done);
        var parts = new StoreParts(held, _catalog, starter, idle, rebuild, reader)
        {
            Sealer = sealer,
            Keeper = new SegmentKeeper(_folder, _catalog, sealer, options, clock, log),
        };
        var store = new SqliteStore(parts, writer, options, clock, log);
        GoOnSealing(sealer, writer.Segment);
        rebuild.Start();
        sealer.Start();
        parts.Keeper.Start();
        return store;
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
    private static bool IsSealed(SegmentStarter starter, SegmentName name)
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

    private SegmentWriter OpenNew(SegmentStarter starter)
    {
        var name = starter.NextName();
        _file = starter.PathOf(name);
        return starter.OpenHot(name, StoreRecall.Recall(_catalog, ulong.MaxValue).Accounts);
    }

    // One broken file must not keep the others from answering, nor new rows from being stored.
    private void UseOrSetAside(SegmentStarter starter, SegmentName name, Action use)
    {
        _file = starter.PathOf(name);
        try
        {
            use();
        }
        catch (SqliteException e) when (SqliteErrors.IsDamage(e.Code))
        {
            SqliteStore.LogSetAside(log, _file, starter.SetAside(name), e.Message);
        }
    }
}
