using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Segments;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Sqlite.Sealing;

/// <summary>
/// Seals full segments, one after the other, on a thread of its own at low priority; at the usual one where it would
/// fall behind, since each segment that waits holds its index in memory. Each step leaves the file in a state that the
/// next start can go on from: (1) build the indexes, each in a transaction, and the text index in one; (2) mark it
/// sealed; (3) answer by its own indexes and let the one in memory go; (4) leave the WAL, when nobody reads.
/// </summary>
internal sealed partial class SegmentSealer : IDisposable
{
    // After the first wait new questions stand back while the running ones end, most of which take milliseconds. Where one
    // takes long, none may wait for it: the file answers out of its WAL as well, and the keeper's next pass tries again.
    private static readonly TimeSpan _polite = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _strict = TimeSpan.FromSeconds(1);

    private readonly Task _indexesReady;
    private readonly SealingOptions _options;
    private readonly ILogger _log;
    private readonly Thread _thread;
    private readonly UsualPriority _usual = new("collector-sealer-2");

    // Monitor and not Lock: the writer waits on it for room.
    private readonly object _gate = new();
    private readonly LinkedList<SealingJob> _waiting = new();
    private readonly List<SealingJob> _postponed = [];
    private SealingJob? _underWay;
    private bool _isStopping;
    private long _failures;

    public SegmentSealer(Task indexesReady, SealingOptions options, ILogger log)
    {
        _options = options;
        _indexesReady = indexesReady;
        _log = log;
        _thread = new Thread(Run) { Name = "collector-sealer", IsBackground = true };
    }

    /// <summary>Unsealed segments that nobody appends to any more.</summary>
    public int Behind
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Concat(_postponed).Append(_underWay).Count(static job => job is { Segment.Contents: null });
            }
        }
    }

    /// <summary>The last attempt to seal a segment failed; it is repeated by <see cref="Retry"/>.</summary>
    public bool IsFailing { get; private set; }

    /// <summary>Called when a segment has got its final size.</summary>
    public Action Sealed { get; set; } = static () => { };

    /// <summary>Rows of the segment that is appended to.</summary>
    public Func<long> RowsOfHot { get; set; } = static () => 0;

    public long Failures => Interlocked.Read(ref _failures);

    public void Start()
    {
        _indexesReady.GetAwaiter().OnCompleted(Look);
        // First: threads begin at the priority of their creator.
        _usual.Start();
        _thread.Start();
    }

    /// <param name="segment">Nobody appends to it any more.</param>
    /// <param name="connection">Its writer's, which the sealer closes; null: it opens one.</param>
    public void Enqueue(Segment segment, SqliteConnection? connection)
    {
        lock (_gate)
        {
            _waiting.AddLast(new SealingJob(segment, connection, _options, _log));
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits until fewer than so many are behind; false when patience ran out.</summary>
    public bool WaitForRoom(int max, TimeSpan timeout)
    {
        lock (_gate)
        {
            return Behind < max || (Monitor.Wait(_gate, timeout) && Behind < max);
        }
    }

    /// <summary>Tries again what has failed.</summary>
    public void Retry()
    {
        lock (_gate)
        {
            foreach (var job in _postponed)
            {
                _waiting.AddLast(job);
            }

            _postponed.Clear();
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Gives a segment up, so that it may be deleted; false where it is being sealed right now.</summary>
    public bool TryWithdraw(Segment segment)
    {
        lock (_gate)
        {
            if (_underWay?.Segment == segment)
            {
                return false;
            }

            foreach (var job in _waiting.Concat(_postponed).Where(job => job.Segment == segment).ToArray())
            {
                _waiting.Remove(job);
                _postponed.Remove(job);
                job.Dispose();
            }

            return true;
        }
    }

    /// <summary>Stops in the middle of a step, which the next start takes up again.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isStopping = true;
            Monitor.PulseAll(_gate);
        }

        while (_thread.IsAlive && !_thread.Join(TimeSpan.FromMilliseconds(10)))
        {
            // An interruption between two statements is forgotten by SQLite: repeat it until the thread has ended.
            _underWay?.Interrupt();
        }

        _usual.Dispose();
        foreach (var job in _waiting.Concat(_postponed))
        {
            job.Dispose();
        }
    }

    /// <summary>
    /// It must be done before the next segment is full: at half of that it goes on at the usual priority. At low priority
    /// all the time, three segments wait and a fourth is filled at full load, 20 MB each.
    /// </summary>
    internal static bool IsUrgent(int behind, long rows, long rowsOfHot) => behind > 1 || rowsOfHot > rows / 2;

    // ---- zone that must not throw ----
    private void Run()
    {
        ThreadNiceness.Lower(ThreadNiceness.Background);
        while (Next() is { } job)
        {
            try
            {
                var isDone = IsGone(job) || job.Seal(_polite, _strict, step => DoStep(job.Segment, step));
                IsFailing = false;
                Finish(isDone ? null : job);
                if (isDone)
                {
                    Sealed();
                }
            }
            catch (Exception error)
            {
                Failed(job, error);
            }
        }
    }

    private void DoStep(Segment segment, Action step)
    {
        if (IsUrgent(Behind, segment.Rows, RowsOfHot()))
        {
            _usual.Do(step);
        }
        else
        {
            step();
        }
    }

    // The rebuild may have found it damaged and set its file aside.
    private static bool IsGone(SealingJob job)
    {
        if (job.Segment.IsDamaged)
        {
            job.Dispose();
        }

        return job.Segment.IsDamaged;
    }

    private void Failed(SealingJob job, Exception error)
    {
        job.Segment.Sealing(false);
        if (!_isStopping)
        {
            IsFailing = true;
            Interlocked.Increment(ref _failures);
            LogFailed(_log, job.Segment.Path, error);
        }

        Finish(job);
    }

    private SealingJob? Next()
    {
        lock (_gate)
        {
            while ((_waiting.Count == 0 || !_indexesReady.IsCompleted) && !_isStopping)
            {
                Monitor.Wait(_gate);
            }

            if (_isStopping)
            {
                return null;
            }

            _underWay = _waiting.First!.Value;
            _waiting.RemoveFirst();
            return _underWay;
        }
    }

    private void Look()
    {
        lock (_gate)
        {
            Monitor.PulseAll(_gate);
        }
    }

    private void Finish(SealingJob? again)
    {
        lock (_gate)
        {
            _underWay = null;
            if (again is not null)
            {
                _postponed.Add(again);
            }

            Monitor.PulseAll(_gate);
        }
    }

    [LoggerMessage(LogLevel.Error, "{Path} could not be sealed; it is answered as before and tried again in a minute")]
    private static partial void LogFailed(ILogger log, string path, Exception error);
}
