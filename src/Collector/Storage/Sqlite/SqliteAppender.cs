using Collector.Model;
using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Sealing;
using Collector.Storage.Sqlite.Segments;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Sqlite;

/// <summary>
/// The write side of the store: appends to the newest segment, begins the next one when it is full, of an earlier day or
/// can't be written any more.
/// </summary>
internal sealed partial class SqliteAppender(
    SegmentWriter writer, SegmentFactory factory, Catalog catalog, SealingQueue sealing, SqliteStoreOptions options, TimeProvider clock,
    ILogger log) : ILogAppender, IDisposable
{
    // Each costs the memory of its hot index: 20 MB at a million rows.
    private const int MaxBehind = 3;

    // Where sealing fails for good, the hot segment grows on instead, up to so many times its size.
    private const int MaxGrowth = 10;

    private static readonly TimeSpan _sealingTimeout = TimeSpan.FromSeconds(1);

    // Held by the thread that appends, and by the lifecycle's when it rolls over.
    private readonly Lock _writing = new();
    private SegmentWriter _writer = writer;
    private bool _isDisposed;

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
            return RecoveredState.Contains(catalog, firstLogId);
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
            return RecoveredState.Recall(catalog, keysSinceNanos, streamsSinceNanos);
        }
        catch (SqliteException e)
        {
            throw new StoreUnavailableException($"The store could not be read: {e.Message}");
        }
    }

    /// <summary>Begins a new segment, whatever the size of the hot one. For tests.</summary>
    public void RollOver()
    {
        lock (_writing)
        {
            BeginNext();
        }
    }

    /// <summary>
    /// Begins a new segment where the hot one is of an earlier day, so that an idle store's rows grow old too. Where an append
    /// runs, it leaves that to the next one.
    /// </summary>
    public void RollOverIfOfAnEarlierDay()
    {
        if (!_writing.TryEnter())
        {
            return;
        }

        try
        {
            if (!_isDisposed && _writer.Segment.Rows > 0 && IsOfAnEarlierDay(_writer.Segment) && sealing.Behind < MaxBehind)
            {
                BeginNextOrGoOn();
            }
        }
        finally
        {
            _writing.Exit();
        }
    }

    /// <summary>Call it when nothing appends or reads any more.</summary>
    public void Dispose()
    {
        lock (_writing)
        {
            _isDisposed = true;
            _writer.Dispose();
        }
    }

    private bool IsFull()
    {
        var segment = _writer.Segment;
        return segment.Rows > 0
            && (segment.Rows >= options.SegmentRows || _writer.FileBytes >= options.MaxSegment || IsOfAnEarlierDay(segment));
    }

    private bool IsOfAnEarlierDay(Segment segment) =>
        DateTimeOffset.UnixEpoch.AddTicks((long)(segment.CreatedNanos / 100)).UtcDateTime.Date < clock.GetUtcNow().UtcDateTime.Date;

    // False: sealing is so far behind that the producers have to wait.
    private bool TryRollOver(out AppendResult behind)
    {
        behind = default;
        if (sealing.WaitForRoom(MaxBehind, _sealingTimeout))
        {
            BeginNextOrGoOn();
            return true;
        }

        if (sealing.IsFailing && _writer.Segment.Rows < (long)options.SegmentRows * MaxGrowth)
        {
            return true;
        }

        behind = new AppendResult(AppendStatus.Transient, $"sealing is behind: {sealing.Behind} full segments wait for it");
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
            LogNotBegun(log, _writer.Segment.Name.ToString(), e);
        }
    }

    // The next one first: whatever fails, there is a segment to append to.
    private void BeginNext()
    {
        var full = _writer;
        _writer = factory.OpenNext(full);
        _writer.Segment.Feed!.TryGoLive(out _);
        sealing.Enqueue(full.Segment, full.Release());
        LogBegun(log, _writer.Segment.Name.ToString(), full.Segment.Name.ToString(), full.Segment.Rows);
    }

    // The hot segment is of no further use: a new one is begun, and the append may be tried again on that. The next one
    // first: where it can't be had, the next append finds all as it was and tries it again.
    private AppendResult StartOver(SegmentAppend failed)
    {
        var lost = _writer;
        try
        {
            var next = factory.NextName();
            if (lost.Segment.IsDamaged || SqliteErrors.IsDamage(failed.Code))
            {
                lost.Segment.IsDamaged = true;
                // Nothing reads it any more, and the new one takes over nothing from it.
                catalog.Remove(lost.Segment);
                lost.Segment.Readers.Retire();
            }

            _writer = factory.OpenNew(next);
            _writer.Segment.Feed!.TryGoLive(out _);
            LogStartedOver(log, next.ToString(), lost.Segment.Name.ToString(), failed.Error);
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
            sealing.Enqueue(lost.Segment, connection: null);
            return;
        }

        try
        {
            factory.SetAside(lost.Segment.Name, why);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Rows go to the new one all the same, and the next start finds this one damaged again.
            LogNotSetAside(log, lost.Segment.Path, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} is damaged and can't be renamed")]
    private static partial void LogNotSetAside(ILogger log, string path, Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Next} was begun, because {Lost} can't be written any more: {Error}")]
    private static partial void LogStartedOver(ILogger log, string next, string lost, string? error);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Next} was begun; {Full} has {Rows} rows and is being sealed")]
    private static partial void LogBegun(ILogger log, string next, string full, long rows);

    [LoggerMessage(Level = LogLevel.Error, Message = "No segment can be begun; {Full} grows beyond its size")]
    private static partial void LogNotBegun(ILogger log, string full, Exception error);
}
