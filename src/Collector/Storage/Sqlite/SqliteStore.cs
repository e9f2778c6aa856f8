using Collector.Model;
using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Segments;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Sqlite;

/// <summary>
/// The store: a folder of SQLite files, of which the newest is appended to. One process holds it, one thread appends,
/// any number ask.
/// </summary>
internal sealed partial class SqliteStore : ILogAppender, ILogReader, ILogRetainer, IDisposable
{
    // Each costs the memory of its hot index: 20 MB at a million rows.
    private const int MaxBehind = 3;

    // Where sealing fails for good, the hot segment grows on instead, up to so many times its size.
    private const int MaxGrowth = 10;

    private static readonly TimeSpan _sealingTimeout = TimeSpan.FromSeconds(1);

    private readonly StoreParts _parts;
    private readonly SqliteStoreOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;

    // The writer thread's, and the keeper's when it rolls over.
    private readonly Lock _writing = new();
    private SegmentWriter _writer;
    private bool _isDisposed;

    internal SqliteStore(StoreParts parts, SegmentWriter writer, SqliteStoreOptions options, TimeProvider clock, ILogger log)
    {
        _parts = parts;
        _writer = writer;
        _options = options;
        _clock = clock;
        _log = log;
        parts.Keeper.RollIfDue = RollIfOfAnEarlierDay;
    }

    /// <summary>Opens the folder, creating what is missing. What went wrong is in the answer, not thrown.</summary>
    public static StoreOpening Open(SqliteStoreOptions options, ILogger log, TimeProvider clock) =>
        new SqliteStoreOpener(options, log, clock).Open();

    /// <inheritdoc/>
    public Task Ready => _parts.Reader.Ready;

    /// <summary>Rows stored, whether the indexes know them yet or not.</summary>
    public long Rows => Catalog.Segments.Sum(static s => s.Rows);

    /// <summary>Bytes on disk: segments with their WAL and its index.</summary>
    public long Bytes => Catalog.Segments.Sum(static s => s.Bytes);

    /// <summary>Full segments that are not sealed yet.</summary>
    public int Unsealed => _parts.Sealer.Behind;

    /// <summary>How often a segment could not be sealed, since the start.</summary>
    public long SealingFailures => _parts.Sealer.Failures;

    /// <summary>What retention deleted, since the start.</summary>
    public RemovedTotal Removed => _parts.Keeper.Removed;

    internal Catalog Catalog => _parts.Catalog;

    /// <inheritdoc/>
    public AppendResult Append(AppendGroup group)
    {
        lock (_writing)
        {
            if (_writer.Segment.IsDamaged)
            {
                return StartOver(new SegmentAppend(SQLitePCL.raw.SQLITE_CORRUPT, "the hot index could not be rebuilt from it"));
            }

            if (IsFull() && !TryRollOver(out var behind))
            {
                return behind;
            }

            var result = _writer.Append(group);
            return result.ToResult().Status == AppendStatus.Fatal && !_isDisposed ? StartOver(result) : result.ToResult();
        }
    }

    /// <inheritdoc/>
    public bool? Contains(LogId firstLogId)
    {
        try
        {
            return RecoveredState.Contains(Catalog, firstLogId);
        }
        catch (SqliteException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public StoreMemory Recall(ulong keysSinceNanos, ulong streamsSinceNanos)
    {
        try
        {
            return RecoveredState.Recall(Catalog, keysSinceNanos, streamsSinceNanos);
        }
        catch (SqliteException e)
        {
            throw new StoreUnavailableException($"The store could not be read: {e.Message}");
        }
    }

    /// <inheritdoc/>
    public PageEnd Find(LogQuery query, IRowSink sink, CancellationToken cancellation) =>
        _parts.Reader.Find(query, sink, cancellation);

    /// <inheritdoc/>
    public bool FindCorrelation(string id, int limit, IRowSink sink, CancellationToken cancellation) =>
        _parts.Reader.FindCorrelation(id, limit, sink, cancellation);

    /// <inheritdoc/>
    public Arrival Newest => _parts.Reader.Newest;

    /// <inheritdoc/>
    public Arrival ReadArrivals(Arrival after, int limit, IRowSink sink, CancellationToken cancellation) =>
        _parts.Reader.ReadArrivals(after, limit, sink, cancellation);

    /// <inheritdoc/>
    public MetricsAnswer Measure(MetricsQuery query, CancellationToken cancellation) =>
        _parts.Reader.Measure(query, cancellation);

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, ulong> LastSeen(CancellationToken cancellation) => _parts.Reader.LastSeen(cancellation);

    /// <inheritdoc/>
    public IReadOnlyList<Gap> FindGaps(string? worker, ulong fromNanos, ulong toNanos, CancellationToken cancellation) =>
        _parts.Reader.FindGaps(worker, fromNanos, toNanos, cancellation);

    /// <inheritdoc/>
    public StorageReport Report() => _parts.Keeper.Report();

    /// <inheritdoc/>
    public void Retain() => _parts.Keeper.Pass();

    /// <summary>Call it when nobody appends or asks any more.</summary>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        _parts.StopReading();
        _writer.Dispose();
        _parts.Lock.Dispose();
    }

    /// <summary>Begins a new segment, whatever the hot one's size. For tests.</summary>
    internal void RollOver()
    {
        lock (_writing)
        {
            BeginNext();
        }
    }

    private bool IsFull()
    {
        var segment = _writer.Segment;
        return segment.Rows > 0
            && (segment.Rows >= _options.SegmentRows || _writer.FileBytes >= _options.MaxSegment || IsOfAnEarlierDay(segment));
    }

    private bool IsOfAnEarlierDay(Segment segment) =>
        DateTimeOffset.UnixEpoch.AddTicks((long)(segment.CreatedNanos / 100)).UtcDateTime.Date < _clock.GetUtcNow().UtcDateTime.Date;

    // Also an idle store's rows grow old: the keeper asks every minute, and leaves it to the next append where one runs.
    private void RollIfOfAnEarlierDay()
    {
        if (!_isDisposed && _writing.TryEnter())
        {
            try
            {
                if (_writer.Segment.Rows > 0 && IsOfAnEarlierDay(_writer.Segment) && _parts.Sealer.Behind < MaxBehind)
                {
                    BeginNextOrGoOn();
                }
            }
            finally
            {
                _writing.Exit();
            }
        }
    }

    // False: sealing is so far behind that the producers have to wait.
    private bool TryRollOver(out AppendResult behind)
    {
        behind = default;
        if (_parts.Sealer.WaitForRoom(MaxBehind, _sealingTimeout))
        {
            BeginNextOrGoOn();
            return true;
        }

        if (_parts.Sealer.IsFailing && _writer.Segment.Rows < (long)_options.SegmentRows * MaxGrowth)
        {
            return true;
        }

        behind = new AppendResult(AppendStatus.Transient, $"sealing is behind: {_parts.Sealer.Behind} full segments wait for it");
        return false;
    }

    // A full disk has no place for another file, and perhaps one for another row.
    private void BeginNextOrGoOn()
    {
        try
        {
            BeginNext();
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            LogNotBegun(_log, _writer.Segment.Name.ToString(), e);
        }
    }

    // The next one first: whatever fails, there is a segment to append to.
    private void BeginNext()
    {
        var full = _writer;
        _writer = _parts.Starter.OpenNext(full);
        _writer.Segment.Feed!.TryGoLive(out _);
        _parts.Sealer.Enqueue(full.Segment, full.Release());
        LogBegun(_log, _writer.Segment.Name.ToString(), full.Segment.Name.ToString(), full.Segment.Rows);
        _parts.Keeper.Wake();
    }

    // The hot segment is of no further use: a new one is begun, and the append may be tried again on that. The next one
    // first: where it can't be had, the next append finds all as it was and tries it again.
    private AppendResult StartOver(SegmentAppend failed)
    {
        var lost = _writer;
        try
        {
            var next = _parts.Starter.NextName();
            if (lost.Segment.IsDamaged || SqliteErrors.IsDamage(failed.Code))
            {
                lost.Segment.IsDamaged = true;
                // Nobody reads it any more, nor what the new one takes over.
                Catalog.Remove(lost.Segment);
                lost.Segment.Readers.Retire();
            }

            _writer = _parts.Starter.OpenNew(next);
            _writer.Segment.Feed!.TryGoLive(out _);
            LogStartedOver(_log, next.ToString(), lost.Segment.Name.ToString(), failed.Error);
            Leave(lost, failed.Error);
            return new AppendResult(AppendStatus.Transient, $"{lost.Segment.Name} can't be written any more ({failed.Error}); {next} was begun");
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            return new AppendResult(AppendStatus.Fatal, $"{failed.Error}; a new segment can't be begun: {e.Message}");
        }
    }

    private void Leave(SegmentWriter lost, string? why)
    {
        lost.Dispose();
        if (!lost.Segment.IsDamaged)
        {
            _parts.Sealer.Enqueue(lost.Segment, connection: null);
            return;
        }

        try
        {
            LogSetAside(_log, lost.Segment.Path, _parts.Starter.SetAside(lost.Segment.Name), why);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Rows go to the new one all the same, and the next start finds this one damaged again.
            LogNotSetAside(_log, lost.Segment.Path, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} is damaged and set aside as {Aside}: {Error}")]
    internal static partial void LogSetAside(ILogger log, string path, string aside, string? error);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} is damaged and can't be set aside")]
    private static partial void LogNotSetAside(ILogger log, string path, Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Next} was begun, because {Lost} can't be written any more: {Error}")]
    private static partial void LogStartedOver(ILogger log, string next, string lost, string? error);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Next} was begun; {Full} has {Rows} rows and is being sealed")]
    private static partial void LogBegun(ILogger log, string next, string full, long rows);

    [LoggerMessage(Level = LogLevel.Error, Message = "No segment can be begun; {Full} is appended to beyond its size")]
    private static partial void LogNotBegun(ILogger log, string full, Exception error);
}
