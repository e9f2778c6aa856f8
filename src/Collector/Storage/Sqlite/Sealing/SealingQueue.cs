using Collector.Storage.Sqlite.Segments;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Sqlite.Sealing;

/// <summary>
/// Full segments that wait to be sealed. The writer adds them and waits for room, since each holds its index in memory;
/// one thread takes them.
/// </summary>
/// <param name="options">What sealing builds.</param>
/// <param name="wake">Set when a segment is added.</param>
/// <param name="log">Says what was sealed.</param>
internal sealed class SealingQueue(SqliteStoreOptions options, AutoResetEvent wake, ILogger log) : IDisposable
{
    // Monitor and not Lock: the writer waits on it for room.
    private readonly object _gate = new();
    private readonly LinkedList<SealingJob> _waiting = new();
    private readonly List<SealingJob> _postponed = [];
    private SealingJob? _underWay;
    private volatile bool _isFailing;
    private long _failures;

    /// <summary>Unsealed segments that nothing is appended to any more.</summary>
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

    /// <summary>The last attempt to seal a segment failed; <see cref="Retry"/> repeats it.</summary>
    public bool IsFailing => _isFailing;

    /// <summary>Attempts that failed, since the start.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <param name="segment">Nothing is appended to it any more.</param>
    /// <param name="connection">Its writer's, which the sealing closes; null: it opens one.</param>
    public void Enqueue(Segment segment, SqliteConnection? connection)
    {
        lock (_gate)
        {
            _waiting.AddLast(new SealingJob(segment, connection, options, log));
        }

        wake.Set();
    }

    /// <summary>Lets the thread that seals and deletes look at once.</summary>
    public void Wake() => wake.Set();

    /// <summary>Waits until fewer than so many are behind; false when the time is up.</summary>
    public bool WaitForRoom(int max, TimeSpan timeout)
    {
        lock (_gate)
        {
            return Behind < max || (Monitor.Wait(_gate, timeout) && Behind < max);
        }
    }

    /// <summary>Lets what has failed be tried again.</summary>
    public void Retry()
    {
        lock (_gate)
        {
            foreach (var job in _postponed)
            {
                _waiting.AddLast(job);
            }

            _postponed.Clear();
        }
    }

    /// <summary>Gives a segment up, so that it may be deleted; false where it is being sealed now.</summary>
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

            Monitor.PulseAll(_gate);
            return true;
        }
    }

    /// <summary>The next to be sealed, which the caller ends by <see cref="Finish"/> or <see cref="Fail"/>; null: none waits.</summary>
    public SealingJob? TakeNext()
    {
        lock (_gate)
        {
            while (_waiting.First is { } first)
            {
                _waiting.RemoveFirst();
                if (!first.Value.Segment.IsDamaged && !first.Value.Segment.Readers.IsRetired)
                {
                    return _underWay = first.Value;
                }

                // The rebuild found it damaged and renamed its file, or retention deleted it before it came here.
                first.Value.Dispose();
            }

            return null;
        }
    }

    /// <param name="job">It is done, or the file has to leave its WAL at another time.</param>
    /// <param name="isDone">Which of the two.</param>
    public void Finish(SealingJob job, bool isDone)
    {
        _isFailing = false;
        End(isDone ? null : job);
    }

    /// <summary>Puts it off until <see cref="Retry"/>.</summary>
    public void Fail(SealingJob job)
    {
        _isFailing = true;
        Interlocked.Increment(ref _failures);
        End(job);
    }

    /// <summary>Stops the statement that runs; any thread may call it.</summary>
    public void Interrupt() => Volatile.Read(ref _underWay)?.Interrupt();

    public void Dispose()
    {
        foreach (var job in _waiting.Concat(_postponed))
        {
            job.Dispose();
        }
    }

    private void End(SealingJob? again)
    {
        lock (_gate)
        {
            _underWay = null;
            if (again is not null)
            {
                again.Segment.Sealing(false);
                _postponed.Add(again);
            }

            Monitor.PulseAll(_gate);
        }
    }
}
