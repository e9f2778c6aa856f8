using Collector.Pipeline.Queue;
using Collector.Pipeline.Write;
using Collector.Storage;

namespace Collector.Pipeline.Spool;

/// <summary>
/// The spool's own thread. Whenever it wakes it (1) writes what the writer left, (2) takes the oldest requests from the
/// queue where the policy says so, (3) copies those of a stuck write, (4) keeps the accounts of what was refused or dropped
/// where the store can't, and (5) replays what is on disk, in order. A request
/// is acknowledged when it is synced; where the spool can't take it, it is evicted.
/// </summary>
internal sealed partial class SpoolWorker : IDisposable
{
    private static readonly TimeSpan _pulse = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan _lossesWait = TimeSpan.FromSeconds(1);

    private readonly ISpoolStore _disk;
    private readonly SpoolReplay _replay;
    private readonly SpoolWriter _writer;
    private readonly SpoolInbox _inbox;
    private readonly IngestQueue _queue;
    private readonly ResilientAppender _store;
    private readonly DeliveryBooks _books;
    private readonly ILogger<SpoolWorker> _log;
    private readonly ByteBudget _budget;
    private readonly TimeProvider _clock;
    private readonly ITimer _timer;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isEnding;
    private volatile bool _isStopping;

    // The spool thread's own.
    private readonly SpoolBatch _batch;
    private readonly SpoolBatch _copies;
    private int _lastPulses = 10;
    private long _lossesKeptAt;

    public SpoolWorker(
        ISpoolStore disk,
        SpoolReplay replay,
        SpoolInbox inbox,
        IngestQueue queue,
        ResilientAppender store,
        ByteBudget budget,
        DeliveryBooks books,
        TimeProvider clock,
        ILogger<SpoolWorker> log)
    {
        _budget = budget;
        _disk = disk;
        _clock = clock;
        _batch = new SpoolBatch(disk);
        _copies = new SpoolBatch(disk);
        _replay = replay;
        _writer = new SpoolWriter(replay, store, clock, log);
        _inbox = inbox;
        _queue = queue;
        _store = store;
        _books = books;
        _log = log;
        _timer = clock.CreateTimer(
            static signal => ((Signal)signal!).Set(), inbox.Signal, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Bytes on disk that wait for the store.</summary>
    public long Bytes => _disk.Bytes;

    /// <summary>Requests that were written to disk, since the start.</summary>
    public long Taken => _writer.Taken;

    /// <summary>False where its thread has died: then nothing can be acknowledged while the store is away.</summary>
    public bool IsAlive => !_inbox.IsClosed;

    public Task Stopped => _stopped.Task;

    public void Start()
    {
        _timer.Change(_pulse, _pulse);
        new Thread(Run) { Name = "collector-spool", IsBackground = true }.Start();
    }

    /// <summary>No time is left: everything that is not in the store goes to disk, now.</summary>
    public void SpoolTheRest()
    {
        _isEnding = true;
        _inbox.Signal.Set();
    }

    /// <summary>Ends the thread when its inbox is empty.</summary>
    public void Stop()
    {
        _isStopping = true;
        _inbox.Signal.Set();
    }

    public void Dispose()
    {
        _timer.Dispose();
        if (_stopped.Task.IsCompleted)
        {
            _disk.Dispose();
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
                WorkOrGiveWay();
                if (isLast && _inbox.IsEmpty && !IsOneInTheWritersHands())
                {
                    return;
                }

                _inbox.Signal.WaitOne();
            }
        }
        catch (Exception error)
        {
            WorkerDied(error);
            _inbox.Close();
            _batch.Deliveries.ForEach(static delivery => delivery.Evict("spool_failed", "the spool has failed"));
        }
        finally
        {
            _stopped.SetResult();
        }
    }

    // What it had in its hands is told to come again, as when the spool is full: memory that ran out is back soon, and
    // without this thread nothing is acknowledged while the store is away.
    private void WorkOrGiveWay()
    {
        try
        {
            Work();
        }
        catch (OutOfMemoryException error)
        {
            OutOfMemory(_batch.Deliveries.Count, error);
            _batch.Deliveries.ForEach(static delivery => delivery.Evict("out_of_memory", "the process is out of memory"));
            _batch.Clear();
            _copies.Deliveries.ForEach(static delivery => delivery.Release());
            _copies.Clear();
        }
    }

    // Between the queue and a write that has begun the writer shows nobody what it holds; a pulse later it does.
    private bool IsOneInTheWritersHands() => _isEnding && _lastPulses-- > 0 && _books.Ledger.Total().InFlight > 0;

    private void Work()
    {
        // 1.
        while (_inbox.TryTake(out var left))
        {
            if (left!.IsCompleted)
            {
                left.Release(); // It was copied while it was being written, so it is on disk already.
                continue;
            }

            Write(left);
        }

        // 2. A full spool takes nothing: then the queue evicts its own oldest, in memory.
        var view = View();
        Take(_writer.IsFull ? 0 : SpoolPolicy.RequestsToTake(view));
        Sync();

        // 3.
        if (SpoolPolicy.ShouldCopyUnderWay(view))
        {
            CopyUnderWay();
        }

        // 4.
        KeepLosses();

        // 5.
        _replay.Advance(SpoolPolicy.MaxReplays(View()));
    }

    // While the store works its next commit keeps them, which comes soon as a rule; here they wait for a second at most. They
    // are many when nothing else works: a transaction for each pulse, not for each request.
    private void KeepLosses()
    {
        var isAway = _store.IsFailing || _store.BusyFor >= SpoolPolicy.StuckAfter || _isStopping || _isEnding;
        if (_clock.GetElapsedTime(_lossesKeptAt) < (isAway ? _pulse : _lossesWait) || _books.Ledger.TakeLosses() is not { } losses)
        {
            return;
        }

        _lossesKeptAt = _clock.GetTimestamp();
        if (!_disk.TryKeep(losses.Accounts, losses.Gaps, out _))
        {
            _books.Ledger.LossesNotKept(losses);
        }
    }

    private SpoolView View() =>
        new(_queue.Count, _queue.Capacity, (double)_budget.Used / _budget.MaxBytes, _store.IsFailing, _store.BusyFor, _isEnding);

    private void Take(int count)
    {
        for (; count > 0 && _queue.TryReadRequest(out var waiting); count--)
        {
            Write(waiting!);
        }

        // The last one may have been what the writer waits for at its end.
        _queue.WakeReader();
    }

    private void Write(Delivery delivery)
    {
        _batch.Add(delivery);
        if (_batch.IsLarge)
        {
            Sync();
        }
    }

    private void Sync()
    {
        if (!_writer.TryTake(_batch, out var error))
        {
            _batch.Deliveries.ForEach(delivery => delivery.Evict("spool_full", $"the spool can't take more: {error}"));
        }

        _batch.Clear();
    }

    // In batches, so that those that still fit are copied, and a large group takes no memory of its own size.
    private void CopyUnderWay()
    {
        var group = _inbox.UnderWay;
        for (var i = 0; i < group.Length && !_writer.IsFull; i++)
        {
            if (group[i] is { IsReplay: false, IsCompleted: false } delivery && IsOverdue(delivery) && delivery.TryRetain())
            {
                _copies.Add(delivery);
            }

            if (_copies.IsLarge || i == group.Length - 1)
            {
                SyncCopies();
            }
        }
    }

    // A large request takes the store its time, and the copy as much memory again.
    private bool IsOverdue(Delivery delivery) =>
        delivery.Batch.Pieces is null || _isEnding || _store.BusyFor >= SpoolPolicy.StuckAfter + SpoolPolicy.TimeOf(delivery.Batch.Body.Length);

    // What can't be copied stays the writer's alone: it may commit yet, and nobody may be told anything else before.
    private void SyncCopies()
    {
        if (!_writer.TryTake(_copies, out _))
        {
            _copies.Deliveries.ForEach(static delivery => delivery.Release());
        }

        _copies.Clear();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Memory ran out while {Requests} requests were spooled; their producers are told to retry")]
    private partial void OutOfMemory(int requests, Exception error);

    [LoggerMessage(Level = LogLevel.Critical, Message = "The spool's thread has died; while the store is away nothing can be acknowledged")]
    private partial void WorkerDied(Exception error);
}
