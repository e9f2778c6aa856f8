using Collector.Model;
using Collector.Storage.Sqlite.Sealing;
using Collector.Storage.Sqlite.Segments;

namespace Collector.Storage.Sqlite.Retention;

/// <summary>
/// Looks after the segments that nobody appends to: at the start, whenever one is begun, and every minute it rolls an
/// old one over, has failed sealing tried again, and deletes what the rules let go. A segment leaves in steps: it is
/// taken off the list, its readers come to their end, its file is renamed, emptied and unlinked.
/// </summary>
internal sealed partial class RetentionWorker : IDisposable
{
    private const string DeletedSuffix = ".deleted";
    private const int MaxRecent = 50;

    // A file of a gigabyte that is unlinked at once holds up the file system's journal, and with it every commit.
    private const long TruncateStep = 32L << 20;

    private static readonly TimeSpan _interval = TimeSpan.FromMinutes(1);

    private readonly string _folder;
    private readonly Catalog _catalog;
    private readonly SegmentSealer _sealer;
    private readonly RetentionPolicy _policy;
    private readonly Func<long> _otherBytes;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly Thread _thread;
    private readonly AutoResetEvent _wake = new(false);
    private readonly ITimer _timer;
    private volatile bool _isStopping;

    // Guards the rest: a pass runs once at a time, and reports see whole ones.
    private readonly Lock _gate = new();
    private readonly List<(Segment Segment, RetentionRule Rule)> _leaving = [];
    private readonly LinkedList<RemovedSegment> _recent = new();
    private RemovedTotal _removed;

    /// <param name="folder">Of the segments.</param>
    /// <param name="catalog">Their list.</param>
    /// <param name="sealer">Gives up what is to be deleted.</param>
    /// <param name="options">The rules.</param>
    /// <param name="clock">Times the passes.</param>
    /// <param name="log">Says what was deleted.</param>
    public RetentionWorker(string folder, Catalog catalog, SegmentSealer sealer, SqliteStoreOptions options, TimeProvider clock, ILogger log)
    {
        _folder = folder;
        _catalog = catalog;
        _sealer = sealer;
        _policy = new RetentionPolicy(options, clock);
        _otherBytes = options.OtherBytes;
        _clock = clock;
        _log = log;
        _thread = new Thread(Run) { Name = "collector-keeper", IsBackground = true };
        _timer = clock.CreateTimer(static wake => ((AutoResetEvent)wake!).Set(), _wake, _interval, _interval);
    }

    /// <summary>Begins a new segment where the newest is of an earlier day.</summary>
    public Action RollIfDue { get; set; } = static () => { };

    public void Start()
    {
        Wake();
        _thread.Start();
    }

    /// <summary>Asks for a pass now.</summary>
    public void Wake() => _wake.Set();

    /// <summary>One pass, on the caller's thread.</summary>
    /// <param name="unlistedBytes">Of segments that are not in the catalog yet.</param>
    public void Pass(long unlistedBytes = 0)
    {
        RollIfDue();
        _sealer.Retry();
        lock (_gate)
        {
            if (_policy.NoteTime())
            {
                LogClockJumped(_log, _policy.PausedUntil);
            }

            // Those on their way out are as good as gone, also while somebody still reads them.
            foreach (var (segment, rule) in _policy.Decide(_catalog.Segments, _otherBytes() + unlistedBytes).ToArray())
            {
                TakeOff(segment, rule);
            }

            _leaving.RemoveAll(TryDelete);
        }
    }

    public RemovedTotal Removed
    {
        get
        {
            lock (_gate)
            {
                return _removed;
            }
        }
    }

    public StorageReport Report()
    {
        lock (_gate)
        {
            var segments = _catalog.Segments.Select(Describe).ToArray();
            var retention = new RetentionReport(Nanos(_policy.LastPass), Nanos(_policy.PausedUntil), _removed, [.. _recent]);
            var bytes = segments.Sum(static s => s.Bytes) + LeavingBytes();
            return new StorageReport(segments, bytes, _otherBytes(), new DriveInfo(_folder).AvailableFreeSpace, retention);
        }
    }

    public void Dispose()
    {
        _isStopping = true;
        _timer.Dispose();
        Wake();
        if (_thread.IsAlive)
        {
            _thread.Join();
        }

        _wake.Dispose();
    }

    // ---- zone that must not throw ----
    private void Run()
    {
        try
        {
            DeleteLeftovers();
        }
        catch (Exception error)
        {
            LogPassFailed(_log, error);
        }

        while (_wake.WaitOne() && !_isStopping)
        {
            try
            {
                Pass();
            }
            catch (Exception error)
            {
                LogPassFailed(_log, error);
            }
        }
    }

    private void TakeOff(Segment segment, RetentionRule rule)
    {
        if (!_sealer.TryWithdraw(segment))
        {
            return; // In the middle of being sealed: the next pass takes it.
        }

        _catalog.Remove(segment);
        _leaving.Add((segment, rule));
        segment.Readers.Retire(Wake);
    }

    private bool TryDelete((Segment Segment, RetentionRule Rule) leaving)
    {
        var (segment, rule) = leaving;
        if (!segment.Readers.IsFree)
        {
            return false;
        }

        var removed = new RemovedSegment(Describe(segment), Names(rule), Timestamps.ToNanos(_clock.GetUtcNow()));
        try
        {
            Delete(segment.Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogNotDeleted(_log, segment.Path, e);
            return false;
        }

        _removed = new RemovedTotal(_removed.Segments + 1, _removed.Rows + removed.Segment.Rows, _removed.Bytes + removed.Segment.Bytes);
        _recent.AddFirst(removed);
        if (_recent.Count > MaxRecent)
        {
            _recent.RemoveLast();
        }

        LogDeleted(_log, removed.Segment.Name, removed.Segment.Rows, removed.Segment.Bytes, removed.Rule);
        return true;
    }

    // Renamed first: a crash in the middle must leave no segment that looks damaged.
    private static void Delete(string path)
    {
        foreach (var part in SegmentFile.Parts.Where(part => File.Exists(path + part)))
        {
            File.Move(path + part, path + part + DeletedSuffix, overwrite: true);
            Empty(path + part + DeletedSuffix);
        }
    }

    private static void Empty(string path)
    {
        using (var file = new FileStream(path, FileMode.Open, FileAccess.Write))
        {
            for (var left = file.Length - TruncateStep; left > 0; left -= TruncateStep)
            {
                file.SetLength(left);
            }
        }

        File.Delete(path);
    }

    private void DeleteLeftovers()
    {
        foreach (var path in Directory.EnumerateFiles(_folder, "*" + DeletedSuffix))
        {
            Empty(path);
        }
    }

    private long LeavingBytes() => _leaving.Sum(static leaving => leaving.Segment.Bytes);

    private static SegmentReport Describe(Segment segment)
    {
        var search = segment.Search;
        var isEmpty = search.Rows == 0;
        return new SegmentReport(
            segment.Name.ToString(), Names(segment.State), segment.Rows, segment.Bytes,
            isEmpty ? null : search.FirstTimestamp, isEmpty ? null : search.LastTimestamp,
            segment.Rows == 0 ? null : segment.FirstArrivalNanos, segment.Rows == 0 ? null : segment.LastArrivalNanos);
    }

    private static string Names(SegmentState state) => state switch
    {
        SegmentState.Hot => "hot",
        SegmentState.Sealing => "sealing",
        _ => "sealed",
    };

    private static string Names(RetentionRule rule) => rule == RetentionRule.Age ? "age" : "bytes";

    private static ulong? Nanos(DateTimeOffset? time) => time is { } at ? Timestamps.ToNanos(at) : null;

    [LoggerMessage(LogLevel.Information, "{Segment} is deleted by the rule of {Rule}: {Rows} rows, {Bytes} bytes")]
    private static partial void LogDeleted(ILogger log, string segment, long rows, long bytes, string rule);

    [LoggerMessage(LogLevel.Error, "{Path} could not be deleted; the next pass tries again")]
    private static partial void LogNotDeleted(ILogger log, string path, Exception error);

    [LoggerMessage(LogLevel.Error, "The clock has jumped ahead: no segment is deleted for its age before {Until}")]
    private static partial void LogClockJumped(ILogger log, DateTimeOffset? until);

    [LoggerMessage(LogLevel.Error, "A pass over the segments failed")]
    private static partial void LogPassFailed(ILogger log, Exception error);
}
