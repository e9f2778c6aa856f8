using Collector.Pipeline.Ledger;
using Collector.Pipeline.Queue;
using Collector.Storage;

namespace Collector.Pipeline.Write;

/// <summary>
/// The one thread that writes. It (1) collects requests from its inbox, new ones and replays, (2) waits until the policy
/// calls them due, (3) stores the group in one transaction, and (4) completes every delivery. A group that the store will
/// never take is stored again request by request, so that only the guilty one fails; what the store can't take now is
/// spooled.
/// </summary>
internal sealed partial class BatchWriter : IDisposable
{
    // Past this a transaction gains nothing more from sharing its fsync, and its producers only wait longer.
    private const int MaxGroupRows = 4096;

    private readonly IngestQueue _queue;
    private readonly ResilientAppender _store;
    private readonly SpoolInbox _spool;
    private readonly DeliveryBooks _books;
    private readonly BatchPolicy _policy;
    private readonly TimeProvider _clock;
    private readonly ILogger<BatchWriter> _log;
    private readonly ITimer _timer;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isAlive;

    // The writer thread's own.
    private readonly List<Delivery> _group = [];
    private readonly AppendGroup _append = new();
    private int _groupRows;
    private bool _groupIsUrgent;

    public BatchWriter(
        IngestQueue queue, ResilientAppender store, SpoolInbox spool, DeliveryBooks books, BatchPolicy policy,
        TimeProvider clock, ILogger<BatchWriter> log)
    {
        _queue = queue;
        _store = store;
        _spool = spool;
        _books = books;
        _policy = policy;
        _clock = clock;
        _log = log;
        _timer = clock.CreateTimer(
            static queue => ((IngestQueue)queue!).WakeReader(), queue, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The thread runs.</summary>
    public bool IsAlive => _isAlive;

    /// <summary>Completes when the queue is drained and the thread has ended.</summary>
    public Task Stopped => _stopped.Task;

    public void Start()
    {
        _isAlive = true;
        new Thread(Run) { Name = "collector-writer", IsBackground = true }.Start();
    }

    public void Dispose() => _timer.Dispose();

    // ---- zone that must not throw: a dead writer would leave every producer waiting ----
    private void Run()
    {
        try
        {
            while (!_queue.IsDrained || _group.Count > 0)
            {
                try
                {
                    Collect();
                    if (IsDue())
                    {
                        StoreGroup();
                    }
                    else
                    {
                        _queue.WaitForMore();
                    }
                }
                catch (OutOfMemoryException error)
                {
                    // It passes; without this thread nothing would be stored any more.
                    OutOfMemory(_group.Count, error);
                    GiveUpGroup("the process is out of memory");
                }
            }

            KeepAccounts();
        }
        catch (Exception error)
        {
            WriterDied(error);
            GiveUpAll($"the writer has died: {error.Message}");
        }
        finally
        {
            _isAlive = false;
            _stopped.SetResult();
        }
    }

    private void Collect()
    {
        while (_groupRows < MaxGroupRows && _queue.TryRead(out var delivery))
        {
            if (delivery!.IsReplay)
            {
                CollectReplay(delivery);
            }
            else
            {
                Add(delivery, delivery.IsAwaited);
            }
        }
    }

    // It may have been committed before it was spooled, or before the process ended. The store is asked, and may be stuck:
    // the spool then copies what has been collected.
    private void CollectReplay(Delivery replay)
    {
        _spool.UnderWay = [.. _group];
        var isStored = _store.Contains(replay.Batch.FirstLogId);
        _spool.UnderWay = [];
        switch (isStored)
        {
            case true:
                replay.Complete(IngestOutcome.Duplicate);
                break;
            case false:
                Add(replay, isUrgent: true);
                break;
            default:
                replay.Complete(IngestOutcome.Refused("the store can't be read"));
                break;
        }
    }

    private void Add(Delivery delivery, bool isUrgent)
    {
        _group.Add(delivery);
        _groupRows += delivery.Batch.Count;
        _groupIsUrgent |= isUrgent;
    }

    private bool IsDue()
    {
        if (_group.Count == 0)
        {
            return _store.HasLosses;
        }

        if (_groupRows >= MaxGroupRows)
        {
            return true;
        }

        var age = _clock.GetElapsedTime(_group[0].ReceivedAt);
        var wait = _policy.WaitFor(_groupRows, age, _groupIsUrgent, _queue.IsDrained);
        if (wait <= TimeSpan.Zero)
        {
            return true;
        }

        _timer.Change(wait, Timeout.InfiniteTimeSpan);
        return false;
    }

    private void StoreGroup()
    {
        _spool.UnderWay = [.. _group];
        var result = Append(_group);
        if (result.Status == AppendStatus.Permanent && _group.Count > 1)
        {
            GroupRejected(_group.Count, result.Error);
            StoreOneByOne();
        }
        else
        {
            _group.ForEach(delivery => Finish(delivery, result));
        }

        _spool.UnderWay = [];
        ClearGroup();
    }

    private void StoreOneByOne()
    {
        foreach (var delivery in _group)
        {
            Finish(delivery, Append([delivery]));
        }
    }

    private void KeepAccounts()
    {
        if (Append([]) is { Status: not AppendStatus.Committed } failed)
        {
            AccountsNotKept(failed.Error);
        }
    }

    // With everything that their transaction must keep: the accounts that they change, and how far the streams are that
    // they are of. So neither ever says more or less than the rows do.
    private AppendResult Append(IReadOnlyList<Delivery> deliveries)
    {
        foreach (var loss in _store.TakeLosses())
        {
            _books.Ledger.Lose(loss.Gaps, loss.AllAccounts);
        }

        var changes = _books.Ledger.TakeChanges(deliveries.Select(static delivery => delivery.Ticket));
        _append.Batches.Clear();
        _append.Batches.AddRange(deliveries.Select(static delivery => delivery.Batch));
        _append.Accounts = changes.Accounts;
        _append.Gaps = changes.Gaps;
        _append.Streams = _books.Streams.MarksWith(_append.Batches);
        var result = _store.Append(_append);
        if (result.Status == AppendStatus.Committed)
        {
            _books.Ledger.Kept(changes);
        }
        else
        {
            _books.Ledger.NotKept(changes);
        }

        return result;
    }

    private void Finish(Delivery delivery, AppendResult result)
    {
        switch (result.Status)
        {
            case AppendStatus.Committed:
                delivery.Complete(IngestOutcome.Stored);
                break;
            case AppendStatus.Permanent:
                RequestRejected(delivery.Batch.Count, result.Error);
                delivery.Complete(IngestOutcome.Rejected($"the store cannot keep this request: {result.Error}"), "store");
                break;
            default:
                GiveUp(delivery, $"the store is unavailable: {result.Error}");
                break;
        }
    }

    private void GiveUp(Delivery delivery, string message)
    {
        if (delivery.IsReplay)
        {
            delivery.Complete(IngestOutcome.Refused(message));
        }
        else
        {
            _spool.Accept(delivery);
        }
    }

    private void GiveUpAll(string message)
    {
        _queue.Complete();
        GiveUpGroup(message);
        while (_queue.TryRead(out var delivery))
        {
            GiveUp(delivery!, message);
        }
    }

    // Those of it that have ended were released when they did.
    private void GiveUpGroup(string message)
    {
        _spool.UnderWay = [];
        foreach (var delivery in _group)
        {
            if (!delivery.IsCompleted)
            {
                GiveUp(delivery, message);
            }
        }

        ClearGroup();
    }

    private void ClearGroup()
    {
        _group.Clear();
        _groupRows = 0;
        _groupIsUrgent = false;
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "The writer has died; nothing more will be stored, requests are spooled")]
    private partial void WriterDied(Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "Memory ran out while a group of {Requests} requests was stored; they are spooled")]
    private partial void OutOfMemory(int requests, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The store rejected a group of {Requests} requests; they are stored one by one now: {Error}")]
    private partial void GroupRejected(int requests, string? error);

    [LoggerMessage(Level = LogLevel.Error, Message = "The store rejected a request of {Rows} rows for good: {Error}")]
    private partial void RequestRejected(int rows, string? error);

    [LoggerMessage(Level = LogLevel.Error, Message = "The last accounts of the ledger were not kept: {Error}")]
    private partial void AccountsNotKept(string? error);
}
