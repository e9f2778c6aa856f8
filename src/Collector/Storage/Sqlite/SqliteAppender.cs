using System.Diagnostics.CodeAnalysis;
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
    SegmentWriter? writer, SegmentFactory factory, Catalog catalog, SealingQueue sealing, Damages damages, StoreLosses losses,
    SqliteStoreOptions options, StoreSpace space, TimeProvider clock, ILogger log) : ILogAppender, IDisposable
{
    // Each costs the memory of its hot index: 20 MB at a million rows.
    private const int MaxBehind = 3;

    private const string Damaged = "damaged";
    private const string Removed = "removed";

    // Where sealing fails for good, the hot segment grows on instead, up to so many times its size.
    private const int MaxGrowth = 10;

    // Rows that are acknowledged in a removed file within it are saved by the next look, unless the process is killed before.
    private static readonly TimeSpan _betweenLooks = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan _jump = TimeSpan.FromHours(1);
    private static readonly TimeSpan _sealingTimeout = TimeSpan.FromSeconds(1);

    // Held by the thread that appends, and by the lifecycle's when it rolls over.
    private readonly Lock _writing = new();
    private readonly CreationPause _pause = new(clock);

    // Null: none could be begun yet.
    private SegmentWriter? _writer = writer;
    private (DateTimeOffset Wall, long Counter) _since = (clock.GetUtcNow(), clock.GetTimestamp());
    private HotFileWatch? _watch = writer is null ? null : new HotFileWatch(writer.Segment.Path);
    private long _lookedAt = clock.GetTimestamp();
    private LeaveReason? _mustLeave;
    private bool _isDisposed;

    /// <inheritdoc/>
    public AppendResult Append(AppendGroup group)
    {
        lock (_writing)
        {
            if (IsDiskTooFull(out var full))
            {
                return full;
            }

            if (_writer is null && !TryBeginFirst(out var none))
            {
                return none;
            }

            if ((_mustLeave ?? WhyToLeave()) is { } why && StartOver(why) is { Status: AppendStatus.Fatal } stuck)
            {
                return stuck;
            }

            if (IsFull(_writer) && !TryRollOver(_writer, out var behind))
            {
                return behind;
            }

            var result = _writer.Append(group);
            if (result.ToResult().Status == AppendStatus.Fatal && !_isDisposed)
            {
                return StartOver(ReasonOf(result));
            }

            if (result.Code == SQLitePCL.raw.SQLITE_OK)
            {
                losses.Kept();
                _mustLeave = _writer.LostSync is { } lost ? new LeaveReason("io_error", lost)
                    : _writer.Segment.Feed is { IsBehind: true } ? new LeaveReason(null, "memory ran out while its index was filled")
                    : null;
            }

            return result.ToResult();
        }
    }

    /// <inheritdoc/>
    public bool? Contains(LogId firstLogId)
    {
        try
        {
            return RecoveredState.Contains(catalog, firstLogId, damages.Found);
        }
        catch (SqliteException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<StoreLoss> TakeLosses() => losses.Take();

    /// <inheritdoc/>
    public bool HasLosses => losses.IsWaiting;

    /// <summary>
    /// Leaves the hot segment where its file is damaged or has another's place, also when nothing is appended. Where an append
    /// runs, that looks itself.
    /// </summary>
    public void LookAtFile()
    {
        if (!_writing.TryEnter())
        {
            return;
        }

        try
        {
            Look();
        }
        finally
        {
            _writing.Exit();
        }
    }

    /// <summary>As <see cref="LookAtFile"/>, at once and before the store is closed.</summary>
    public void LookAtFileForTheLastTime()
    {
        lock (_writing)
        {
            _lookedAt -= clock.TimestampFrequency * 2;
            Look();
        }
    }

    /// <inheritdoc/>
    public StoreMemory Recall(ulong keysSinceNanos, ulong streamsSinceNanos) =>
        // No single segment keeps a start from going on: what can't be read is said, and the segment before it counts.
        RecoveredState.Recall(catalog, keysSinceNanos, streamsSinceNanos, damages.Found);

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
            if (!_isDisposed && _writer is { Segment: { Rows: > 0 } hot } && IsOfAnEarlierDay(hot) && sealing.Behind < MaxBehind)
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
            _writer?.Dispose();
        }
    }

    // As by a full disk, and before it is one: a WAL, a journal or a seal that finds no room is worse than a refusal.
    private bool IsDiskTooFull(out AppendResult full)
    {
        full = default;
        var room = space.RoomFor(StoreSpace.SealOf(_writer?.Segment.Bytes ?? 0));
        if (room.IsNearFloor)
        {
            // The oldest segment leaves, if there is one besides this.
            sealing.Wake();
        }

        if (!room.IsBelowFloor)
        {
            return false;
        }

        full = new AppendResult(
            AppendStatus.Transient, $"the disk is nearly full: {room.Free} bytes are free, and {room.Floor} have to stay so");
        return true;
    }

    [MemberNotNullWhen(true, nameof(_writer))]
    private bool TryBeginFirst(out AppendResult none)
    {
        none = default;
        if (!_isDisposed && TryBegin(() => GoOnWith(factory.OpenNew(factory.NextName()))))
        {
            _ = _writer ?? throw new InvalidOperationException("a segment was begun and is not there");
            return true;
        }

        none = new AppendResult(AppendStatus.Transient, $"no segment can be begun: {_pause.Error}");
        return false;
    }

    private bool IsFull(SegmentWriter hot)
    {
        var segment = hot.Segment;
        return segment.Rows > 0
            && (segment.Rows >= options.SegmentRows || hot.FileBytes >= space.MaxSegment || IsOfAnEarlierDay(segment));
    }

    // By the clock that its last row came by. One that was set right since then says nothing of a day that has passed: until
    // a row has arrived by it, the segment would look older than it is.
    private bool IsOfAnEarlierDay(Segment segment)
    {
        var (now, begun) = (clock.GetUtcNow(), DayOf(segment.CreatedNanos));
        return begun < now.UtcDateTime.Date
            && (begun < DayOf(segment.LastArrivalNanos) || now - _since.Wall - clock.GetElapsedTime(_since.Counter) < _jump);
    }

    private static DateTime DayOf(ulong nanos) => DateTimeOffset.UnixEpoch.AddTicks((long)(nanos / 100)).UtcDateTime.Date;

    // False: sealing is so far behind that the producers have to wait.
    private bool TryRollOver(SegmentWriter full, out AppendResult behind)
    {
        behind = default;
        if (sealing.WaitForRoom(MaxBehind, _sealingTimeout))
        {
            BeginNextOrGoOn();
            return true;
        }

        if (sealing.IsFailing && full.Segment.Rows < (long)options.SegmentRows * MaxGrowth)
        {
            return true;
        }

        behind = new AppendResult(AppendStatus.Transient, $"sealing is behind: {sealing.Behind} full segments wait for it");
        return false;
    }

    // A full disk has no place for another file, and perhaps one for another row.
    private void BeginNextOrGoOn() => TryBegin(BeginNext);

    // After a failure it is left alone for a while, and said once.
    private bool TryBegin(Action begin)
    {
        if (!_pause.IsOver)
        {
            return false;
        }

        try
        {
            begin();
            _pause.Succeeded();
            _since = (clock.GetUtcNow(), clock.GetTimestamp());
            return true;
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            if (_pause.Failed(e.Message))
            {
                LogNotBegun(log, e.Message);
            }

            return false;
        }
    }

    // The next one first: whatever fails, there is a segment to append to.
    private void BeginNext()
    {
        var full = _writer!;
        GoOnWith(OpenNextTo(full));
        sealing.Enqueue(full.Segment, full.Release());
        LogBegun(log, _writer!.Segment.Name.ToString(), full.Segment.Name.ToString(), full.Segment.Rows);
    }

    private void Look()
    {
        if (!_isDisposed && (_mustLeave ?? WhyToLeave()) is { } why)
        {
            StartOver(why);
        }
    }

    private void GoOnWith(SegmentWriter next)
    {
        (_writer, _mustLeave) = (next, null);
        _writer.Segment.Feed!.TryGoLive(out _);
        _watch = new HotFileWatch(_writer.Segment.Path);
    }

    // Looks at the file once a second: three calls of the system.
    private LeaveReason? WhyToLeave()
    {
        if (_writer is null || _watch is null)
        {
            return null;
        }

        if (_writer.Segment.IsDamaged)
        {
            return new LeaveReason(Damaged, "a part of it can't be read");
        }

        if (clock.GetElapsedTime(_lookedAt) < _betweenLooks)
        {
            return null;
        }

        _lookedAt = clock.GetTimestamp();
        return _watch.Look() is { } what ? new LeaveReason(Removed, what) : null;
    }

    // Rows that another program added, and whatever else is no damage, only keep it from being appended to.
    private static LeaveReason ReasonOf(SegmentAppend failed) => new(
        SqliteErrors.IsMoved(failed.Code) ? Removed
        : SqliteErrors.IsUnreadable(failed.Code) ? SqliteErrors.ReasonOf(failed.Code, isThere: true)
        : null,
        failed.Error);

    // The hot segment is of no further use: a new one is begun, and the append may be tried again on that. The next one
    // first: where it can't be had, the next append finds all as it was and tries it again.
    private AppendResult StartOver(LeaveReason why)
    {
        var left = _writer!;
        // Until the next one is there, nothing more is written to this one: after a failed sync the next would seem to succeed.
        _mustLeave = why;
        if (!TryBegin(() =>
        {
            // The folder may be gone with the file.
            FileSync.Default.CreateFolder(options.Path);
            GoOnWith(OpenNextTo(left));
        }))
        {
            return new AppendResult(AppendStatus.Fatal, $"{why.Error}; a new segment can't be begun: {_pause.Error}");
        }

        LogStartedOver(log, _writer!.Segment.Name.ToString(), left.Segment.Name.ToString(), why.Error);
        if (why.Damage is { } damage)
        {
            damages.Left(left.Segment, damage, why.Error ?? damage, left.Release());
        }
        else
        {
            left.Dispose();
            sealing.Enqueue(left.Segment, connection: null);
        }

        return new AppendResult(
            AppendStatus.Transient, $"{left.Segment.Name} can't be written any more ({why.Error}); {_writer.Segment.Name} was begun");
    }

    // Accounts and streams are taken over from the one that is left, as far as they can be read there; the rest of the
    // accounts is in memory, and is kept again with the next commit.
    private SegmentWriter OpenNextTo(SegmentWriter left)
    {
        try
        {
            return factory.OpenNext(left);
        }
        catch (SqliteException e) when (SqliteErrors.IsUnreadable(e.SqliteExtendedErrorCode))
        {
            var next = factory.OpenNew(factory.NextName());
            losses.AddAccounts();
            return next;
        }
    }

    /// <param name="Damage">The reason in a word; null: the file is whole.</param>
    /// <param name="Error">In English.</param>
    private readonly record struct LeaveReason(string? Damage, string? Error);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Next} was begun, because {Lost} can't be written any more: {Error}")]
    private static partial void LogStartedOver(ILogger log, string next, string lost, string? error);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Next} was begun; {Full} has {Rows} rows and is being sealed")]
    private static partial void LogBegun(ILogger log, string next, string full, long rows);

    [LoggerMessage(Level = LogLevel.Error, Message = "No segment can be begun, which is tried again with growing pauses; the one at hand grows beyond its size: {Error}")]
    private static partial void LogNotBegun(ILogger log, string error);
}
