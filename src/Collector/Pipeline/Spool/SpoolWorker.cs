using System.Collections.Concurrent;
using Collector.Pipeline.Ledger;
using Collector.Pipeline.Queue;
using Collector.Pipeline.Write;

namespace Collector.Pipeline.Spool;

/// <summary>
/// The spool's own thread. Whenever it wakes it (1) writes what the writer left, (2) takes the oldest requests from the
/// queue where the policy says so, (3) copies those of a stuck write, and (4) replays what is on disk, in order. A request
/// is acknowledged when it is synced; where the spool can't take it, it gives way.
/// </summary>
internal sealed partial class SpoolWorker : ISpoolInbox, IDisposable
{
    private static readonly TimeSpan _pulse = TimeSpan.FromMilliseconds(200);

    private readonly SpoolFolder _folder;
    private readonly SpoolReplay _replay;
    private readonly SpoolWriter _intake;
    private readonly IngestQueue _queue;
    private readonly ResilientAppender _store;
    private readonly RowLedger _ledger;
    private readonly ILogger<SpoolWorker> _log;
    private readonly ByteBudget _budget;
    private readonly ITimer _timer;
    private readonly AutoResetEvent _wake = new(false);
    private readonly ConcurrentQueue<Delivery> _inbox = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Func<IReadOnlyList<Delivery>> _underWay = static () => [];
    private volatile bool _isEnding;
    private volatile bool _isStopping;
    private volatile bool _isDead;
    // The spool thread's own.
    private readonly SpoolBatch _round;
    private readonly SpoolBatch _copies;
    private int _lastPulses = 10;

    public SpoolWorker(
        SpoolFolder folder,
        SpoolReplay replay,
        IngestQueue queue,
        ResilientAppender store,
        ByteBudget budget,
        RowLedger ledger,
        TimeProvider clock,
        ILogger<SpoolWorker> log)
    {
        _budget = budget;
        _folder = folder;
        _round = new SpoolBatch(folder);
        _copies = new SpoolBatch(folder);
        _replay = replay;
        _intake = new SpoolWriter(replay, store, ledger, clock, log);
        _queue = queue;
        _store = store;
        _ledger = ledger;
        _log = log;
        _timer = clock.CreateTimer(static wake => ((AutoResetEvent)wake!).Set(), _wake, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Bytes on disk that wait for the store.</summary>
    public long Bytes => _folder.Bytes;

    /// <summary>Requests that were written to disk, since the start.</summary>
    public long Taken => _intake.Taken;

    /// <summary>False where its thread has died: then nothing can be acknowledged while the store is away.</summary>
    public bool IsAlive => !_isDead;

    public Task Stopped => _stopped.Task;

    /// <param name="writer">Gets the replays, and tells what it is writing.</param>
    public void Start(BatchWriter writer)
    {
        _underWay = () => writer.UnderWay;
        _replay.Start(writer.Replay, () => _wake.Set());
        _queue.NearlyFull = () => _wake.Set();
        _timer.Change(_pulse, _pulse);
        new Thread(Run) { Name = "collector-spool", IsBackground = true }.Start();
    }

    /// <inheritdoc/>
    public void TakeOver(Delivery entry)
    {
        _inbox.Enqueue(entry);
        _wake.Set();
        if (_isDead)
        {
            GiveWayAll();
        }
    }

    /// <summary>No time is left: everything that is not in the store goes to disk, now.</summary>
    public void SpoolTheRest()
    {
        _isEnding = true;
        _wake.Set();
    }

    /// <summary>Ends the thread when its inbox is empty.</summary>
    public void Stop()
    {
        _isStopping = true;
        _wake.Set();
    }

    /// <summary>The event stays: a writer that was stuck, or a timer's last tick, may still set it.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        if (_stopped.Task.IsCompleted)
        {
            _folder.Dispose();
        }
    }

    // ---- zone that must not throw: without this thread nothing is acknowledged while the store is away ----
    private void Run()
    {
        try
        {
            while (true)
            {
                var isLast = _isStopping;
                Work();
                if (isLast && _inbox.IsEmpty && !IsOneInTheWritersHands())
                {
                    return;
                }

                _wake.WaitOne();
            }
        }
        catch (Exception error)
        {
            KeeperDied(error);
            _isDead = true;
            _round.Entries.ForEach(entry => _queue.GiveWay(entry, "spool_failed", "the spool has failed"));
            GiveWayAll();
        }
        finally
        {
            _stopped.SetResult();
        }
    }

    private void GiveWayAll()
    {
        while (_inbox.TryDequeue(out var entry))
        {
            _queue.GiveWay(entry, "spool_failed", "the spool has failed");
        }
    }

    // Between the queue and a write that has begun the writer shows nobody what it has; a pulse later it does.
    private bool IsOneInTheWritersHands() => _isEnding && _lastPulses-- > 0 && _ledger.Total().InFlight > 0;

    private void Work()
    {
        // 1.
        while (_inbox.TryDequeue(out var left))
        {
            if (left.Outcome.IsCompleted)
            {
                left.LetGo(); // Copied while it was being written, so it is on disk already.
                continue;
            }

            Write(left);
        }

        // 2. A full spool takes nothing: then the queue's own oldest give way, in memory.
        var view = View();
        Take(_intake.IsFull ? 0 : SpoolPolicy.RequestsToTake(view));
        Sync();

        // 3.
        if (SpoolPolicy.ShouldCopyUnderWay(view))
        {
            CopyUnderWay();
        }

        // 4.
        _replay.Advance(SpoolPolicy.MaxReplays(View()));
    }

    private SpoolView View() =>
        new(_queue.Count, _queue.Capacity, (double)_budget.Used / _budget.MaxBytes, _store.IsFailing, _store.BusyFor, _isEnding);

    private void Take(int count)
    {
        for (; count > 0 && _queue.TryRead(out var waiting); count--)
        {
            Write(waiting!);
        }

        // The last one may have been what the writer waits for at its end.
        _queue.WakeReader();
    }

    private void Write(Delivery entry)
    {
        _round.Add(entry);
        if (_round.IsLarge)
        {
            Sync();
        }
    }

    private void Sync()
    {
        if (!_intake.TryTake(_round, out var error))
        {
            _round.Entries.ForEach(entry => _queue.GiveWay(entry, "spool_full", $"the spool can't take more: {error}"));
        }

        _round.Clear();
    }

    // In rounds, so that those that still fit are copied, and a large group takes no memory of its own size.
    private void CopyUnderWay()
    {
        var entries = _underWay();
        for (var i = 0; i < entries.Count && !_intake.IsFull; i++)
        {
            if (entries[i] is { IsReplay: false, Outcome.IsCompleted: false } entry && entry.TryHold())
            {
                _copies.Add(entry);
            }

            if (_copies.IsLarge || i == entries.Count - 1)
            {
                SyncCopies();
            }
        }
    }

    // What can't be copied stays the writer's alone: it may commit yet, and nobody may be told anything else before.
    private void SyncCopies()
    {
        if (!_intake.TryTake(_copies, out _))
        {
            _copies.Entries.ForEach(static entry => entry.LetGo());
        }

        _copies.Clear();
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "The spool's thread has died; while the store is away nothing can be acknowledged")]
    private partial void KeeperDied(Exception error);
}
