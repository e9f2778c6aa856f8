using Collector.Model;
using Microsoft.Extensions.Logging;

namespace Collector.Storage.Sqlite;

/// <summary>
/// The store: a folder of SQLite files, of which the newest is appended to. One process holds it, one thread appends,
/// any number ask.
/// </summary>
public sealed partial class SqliteStore : ILogAppender, ILogReader, IDisposable
{
    private readonly StoreLock _lock;
    private readonly Catalog _catalog;
    private readonly SegmentStarter _starter;
    private readonly ILogger _log;
    private readonly HotIndexRebuild _rebuild;
    private readonly SqliteReader _reader;

    // The writer thread's own.
    private SegmentWriter _writer;
    private bool _isDisposed;

    internal SqliteStore(
        StoreLock held,
        Catalog catalog,
        SegmentStarter starter,
        SegmentWriter writer,
        HotIndexRebuild rebuild,
        SqliteReader reader,
        ILogger log)
    {
        _lock = held;
        _catalog = catalog;
        _starter = starter;
        _writer = writer;
        _log = log;
        _rebuild = rebuild;
        _reader = reader;
    }

    /// <summary>Opens the folder, creating what is missing. What went wrong is in the answer, not thrown.</summary>
    public static StoreOpening Open(SqliteStoreOptions options, ILogger log, TimeProvider clock) =>
        new SqliteStoreOpener(options, log, clock).Open();

    /// <inheritdoc/>
    public Task Ready => _reader.Ready;

    /// <summary>Rows stored, whether the indexes know them yet or not.</summary>
    public long Rows => _catalog.Segments.Sum(static s => s.Rows);

    /// <summary>Bytes on disk: segments with their WAL and its index.</summary>
    public long Bytes => _catalog.Segments.Sum(static s => s.Bytes);

    internal Catalog Catalog => _catalog;

    /// <inheritdoc/>
    public AppendResult Append(AppendGroup group)
    {
        if (_writer.Segment.IsDamaged)
        {
            return StartOver(new SegmentAppend(SQLitePCL.raw.SQLITE_CORRUPT, "the hot index could not be rebuilt from it"));
        }

        var result = _writer.Append(group);
        return result.ToResult().Status == AppendStatus.Fatal && !_isDisposed ? StartOver(result) : result.ToResult();
    }

    /// <inheritdoc/>
    public bool? Contains(LogId firstLogId)
    {
        try
        {
            return StoreRecall.Contains(_catalog, firstLogId);
        }
        catch (SqliteException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public StoreMemory Recall(ulong keysSinceNanos)
    {
        try
        {
            return StoreRecall.Recall(_catalog, keysSinceNanos);
        }
        catch (SqliteException e)
        {
            throw new StoreUnavailableException($"The store could not be read: {e.Message}");
        }
    }

    /// <inheritdoc/>
    public PageEnd Find(LogQuestion question, IRowSink sink, CancellationToken cancellation) =>
        _reader.Find(question, sink, cancellation);

    /// <inheritdoc/>
    public bool FindCorrelation(string id, int limit, IRowSink sink, CancellationToken cancellation) =>
        _reader.FindCorrelation(id, limit, sink, cancellation);

    /// <inheritdoc/>
    public IReadOnlyList<Gap> FindGaps(string? worker, ulong fromNanos, ulong toNanos, CancellationToken cancellation) =>
        _reader.FindGaps(worker, fromNanos, toNanos, cancellation);

    /// <summary>Call it when nobody appends or asks any more.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        // From the back to the front: readers first, so that the writer's last checkpoint finds the file free.
        _rebuild.Dispose();
        _reader.Dispose();
        foreach (var segment in _catalog.Segments)
        {
            segment.Dispose();
        }

        _writer.Dispose();
        _lock.Dispose();
    }

    // The hot segment is of no further use: a new one is begun, and the append may be tried again on that.
    private AppendResult StartOver(SegmentAppend failed)
    {
        var lost = _writer.Segment;
        try
        {
            var next = _starter.NextName();
            if (lost.IsDamaged || SqliteErrors.IsDamage(failed.Code))
            {
                lost.IsDamaged = true;
                _catalog.Remove(lost);
                lost.Dispose();
                _writer.Dispose();
                LogSetAside(_log, lost.Path, _starter.SetAside(lost.Name), failed.Error);
            }
            else
            {
                _writer.Dispose();
            }

            _writer = _starter.OpenHot(next);
            _writer.Segment.Feed.TryGoLive(out _);
            LogStartedOver(_log, next.ToString(), lost.Name.ToString(), failed.Error);
            return new AppendResult(AppendStatus.Transient, $"{lost.Name} can't be written any more ({failed.Error}); {next} was begun");
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            return new AppendResult(AppendStatus.Fatal, $"{failed.Error}; a new segment can't be begun: {e.Message}");
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} is damaged and set aside as {Aside}: {Error}")]
    internal static partial void LogSetAside(ILogger log, string path, string aside, string? error);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Next} was begun, because {Lost} can't be written any more: {Error}")]
    private static partial void LogStartedOver(ILogger log, string next, string lost, string? error);
}
