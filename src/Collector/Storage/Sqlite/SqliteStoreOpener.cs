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
        var starter = new SegmentStarter(_folder, options, _hasher, _catalog, clock);
        var names = Catalog.NamesIn(_folder);
        foreach (var name in options.BeginSegment ? names : names.SkipLast(1))
        {
            UseOrSetAside(starter, name, () => starter.AddOlder(name));
        }

        SegmentWriter? writer = null;
        if (!options.BeginSegment && names.Count > 0)
        {
            // The hot one's own description comes through its writer, after it is sure to be complete.
            UseOrSetAside(starter, names[^1], () => writer = starter.OpenHot(names[^1]));
        }

        writer ??= OpenNew(starter);
        var rebuild = new HotIndexRebuild(_catalog, starter, log, clock);
        rebuild.Start();
        return new SqliteStore(held, _catalog, starter, writer, rebuild, new SqliteReader(_catalog, _hasher, rebuild.Done), log);
    }

    private SegmentWriter OpenNew(SegmentStarter starter)
    {
        var name = starter.NextName();
        _file = starter.PathOf(name);
        return starter.OpenHot(name);
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
