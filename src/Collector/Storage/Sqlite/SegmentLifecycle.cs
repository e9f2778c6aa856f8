using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Retention;
using Collector.Storage.Sqlite.Salvage;
using Collector.Storage.Sqlite.Sealing;
using Collector.Storage.Sqlite.Segments;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Sqlite;

/// <summary>
/// Looks after the segments, on one thread. 1. After a start it rebuilds the indexes in memory, which queries wait for.
/// 2. When a segment was begun or freed, and every minute, it makes a pass: it rolls over an old segment and deletes what
/// the rules let go. 3. It seals the full segments that wait, one after the other, and deletes between the steps.
/// Sealing leaves the file after each step in a state that the next start can go on from: the indexes, each in a transaction,
/// the text index, the mark, and last the end of the WAL when nothing reads the file. The thread has the default priority:
/// at a niceness of 10, sealing falls behind at full load, and the rate halves while producers wait for it.
/// </summary>
internal sealed partial class SegmentLifecycle(
    HotIndexRebuild rebuild, SqliteAppender appender, SealingQueue sealing, SegmentRetention retention, SegmentFiles files, Damages damages,
    Salvager salvager, StoreSpace space, AutoResetEvent wake, TimeProvider clock, ILogger log) : ILogRetainer, IDisposable
{
    private static readonly TimeSpan _interval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _lookInterval = TimeSpan.FromSeconds(1);

    // After the first wait new queries stand back while the running ones end, most of which take milliseconds. None may wait
    // for one that takes long: the file answers out of its WAL as well, and the next pass tries again.
    private static readonly TimeSpan _polite = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _strict = TimeSpan.FromSeconds(1);

    private ITimer? _timer;
    private ITimer? _look;
    private Thread? _thread;
    private volatile bool _isStopping;

    /// <summary>Full segments that are not sealed yet.</summary>
    public int Unsealed => sealing.Behind;

    /// <summary>How often a segment could not be sealed, since the start.</summary>
    public long SealingFailures => sealing.Failures;

    /// <summary>What retention deleted, since the start.</summary>
    public RemovedTotal Removed => retention.Removed;

    /// <summary>Damaged files found since the start, by reason.</summary>
    public IEnumerable<KeyValuePair<string, long>> Damaged => damages.Counts;

    /// <summary>Call it once all segments are listed.</summary>
    public void Start()
    {
        rebuild.Prepare();
        _timer = clock.CreateTimer(static wake => ((AutoResetEvent)wake!).Set(), wake, _interval, _interval);
        _look = clock.CreateTimer(static life => ((SegmentLifecycle)life!).LookAtFile(), this, _lookInterval, _lookInterval);
        wake.Set();
        _thread = new Thread(Run) { Name = "collector-segments", IsBackground = true };
        _thread.Start();
    }

    /// <inheritdoc/>
    public StorageReport Report() => retention.Report();

    /// <inheritdoc/>
    public void Retain()
    {
        Pass();
        wake.Set();
    }

    /// <summary>Stops in the middle of a step, which the next start takes up again.</summary>
    public void Dispose()
    {
        _isStopping = true;
        _timer?.Dispose();
        _look?.Dispose();
        rebuild.Stop();
        wake.Set();
        while (_thread is { IsAlive: true } thread && !thread.Join(TimeSpan.FromMilliseconds(10)))
        {
            // An interruption between two statements is forgotten by SQLite: repeat it until the thread has ended.
            sealing.Interrupt();
        }

        Guard(appender.LookAtFileForTheLastTime);
        Guard(salvager.Finish);
        sealing.Dispose();
    }

    // ---- zone that must not throw ----
    private void Run()
    {
        rebuild.Run();
        Guard(retention.DeleteLeftovers);
        while (!_isStopping && wake.WaitOne() && !_isStopping)
        {
            // Memory that ran out costs this round, not the thread.
            Guard(Round);
        }
    }

    private void Round()
    {
        Pass();
        salvager.Run(() => _isStopping);
        // Below the floor a seal would only fail on its way; and on some file systems a mapped page that finds no room on a
        // full disk ends the process (SIGBUS, seen on ext4), so that no file is opened there without need.
        while (!_isStopping && !space.IsBelowFloor && sealing.TakeNext() is { } job)
        {
            Seal(job);
            // Under full load something always waits to be sealed; what is due each minute is done all the same.
            if (wake.WaitOne(0))
            {
                Pass();
            }
            else
            {
                Guard(Expire);
            }

            salvager.Run(() => _isStopping);
        }
    }

    private void Pass() => Guard(() =>
    {
        // First: a roll-over or a file that could not be opened may have lacked the room that this makes.
        retention.Expire();
        appender.RollOverIfOfAnEarlierDay();
        files.LookAgain();
        sealing.Retry();
        damages.Retry();
    });

    private void Expire()
    {
        if (!_isStopping)
        {
            retention.Expire();
        }
    }

    private void Seal(SealingJob job)
    {
        try
        {
            sealing.Finish(job, job.Seal(_polite, _strict, () => Guard(Expire)));
        }
        catch (SqliteException error) when (!_isStopping && SqliteErrors.IsLost(error.SqliteExtendedErrorCode))
        {
            sealing.Fail(job);
            damages.Found(job.Segment, error);
        }
        catch (Exception error)
        {
            sealing.Fail(job);
            if (!_isStopping)
            {
                LogNotSealed(log, job.Segment.Path, error);
            }
        }
    }

    private void LookAtFile()
    {
        if (!_isStopping)
        {
            Guard(appender.LookAtFile);
        }
    }

    private void Guard(Action work)
    {
        try
        {
            work();
        }
        catch (Exception error)
        {
            LogPassFailed(log, error);
        }
    }

    [LoggerMessage(LogLevel.Error, "A pass over the segments failed")]
    private static partial void LogPassFailed(ILogger log, Exception error);

    [LoggerMessage(LogLevel.Error, "{Path} could not be sealed; its rows are answered as before, and it is tried again in a minute")]
    private static partial void LogNotSealed(ILogger log, string path, Exception error);
}
