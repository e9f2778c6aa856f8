using System.Collections.Concurrent;
using Collector.Pipeline.Ledger;
using Collector.Pipeline.Queue;
using Collector.Storage;

namespace Collector.Pipeline.Write;

/// <summary>
/// The one thread that writes. It (1) collects requests from the queue and from the spool, (2) waits until the policy
/// calls them due, (3) stores the group in one transaction, and (4) tells every producer. A group that the store will
/// never take is repeated request by request, so that only the guilty one fails; what it can't take now goes to the spool.
/// </summary>
internal sealed partial class BatchWriter : IDisposable
{
    // Past this a transaction gains nothing more from sharing its fsync, and its producers only wait longer.
    private const int MaxGroup = 4096;

    private readonly IngestQueue _queue;
    private readonly GroupAppender _store;
    private readonly RowLedger _ledger;
    private readonly BatchPolicy _policy;
    private readonly TimeProvider _clock;
    private readonly ILogger<BatchWriter> _log;
    private readonly ITimer _timer;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly ISpoolInbox _spool;
    private readonly ConcurrentQueue<Delivery> _replays = new();
    private volatile Delivery[] _underWay = [];

    // The writer thread's own.
    private readonly List<Delivery> _entries = [];
    private int _groupRows;
    private bool _groupIsUrgent;

    public BatchWriter(
        IngestQueue queue, GroupAppender store, ISpoolInbox spool, RowLedger ledger, BatchPolicy policy, TimeProvider clock, ILogger<BatchWriter> log)
    {
        _queue = queue;
        _store = store;
        _spool = spool;
        _ledger = ledger;
        _policy = policy;
        _clock = clock;
        _log = log;
        _timer = clock.CreateTimer(
            static queue => ((IngestQueue)queue!).WakeReader(), queue, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The thread runs.</summary>
    public bool IsAlive { get; private set; }

    /// <summary>Completes when the queue is drained and the thread has ended.</summary>
    public Task Stopped => _stopped.Task;

    /// <summary>The requests of the transaction that is under way, or that wait until the store has been asked something.</summary>
    public IReadOnlyList<Delivery> UnderWay => _underWay;

    public void Start()
    {
        IsAlive = true;
        new Thread(Run) { Name = "collector-writer", IsBackground = true }.Start();
    }

    /// <summary>Takes a request from the spool, to be stored unless it is already.</summary>
    public void Replay(Delivery entry)
    {
        _replays.Enqueue(entry);
        _queue.WakeReader();
    }

    public void Dispose() => _timer.Dispose();

    // ---- zone that must not throw: a dead writer would leave every producer waiting ----
    private void Run()
    {
        try
        {
            while (!_queue.IsDrained || _entries.Count > 0)
            {
                Collect();
                if (IsDue())
                {
                    StoreGroup();
                }
                else
                {
                    _queue.Wake.WaitOne();
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
            IsAlive = false;
            _stopped.SetResult();
        }
    }

    private void Collect()
    {
        CollectReplays();

        while (_groupRows < MaxGroup && _queue.TryRead(out var entry) && entry is not null)
        {
            Add(entry, entry.IsAwaited);
        }
    }

    // The store is asked about each, and may keep the answer to itself: what waits here is then the spool's to copy.
    private void CollectReplays()
    {
        if (_replays.IsEmpty)
        {
            return;
        }

        _underWay = [.. _entries];
        while (_groupRows < MaxGroup && _replays.TryDequeue(out var replay))
        {
            CollectReplay(replay);
        }

        _underWay = [];
    }

    // It may have been committed before it was spooled, or before the process ended.
    private void CollectReplay(Delivery replay)
    {
        switch (_store.Contains(replay.Batch.FirstLogId))
        {
            case true:
                End(replay, IngestOutcome.Duplicate);
                break;
            case false:
                Add(replay, isUrgent: true);
                break;
            default:
                End(replay, IngestOutcome.Refused("the store can't be read"));
                break;
        }
    }

    private void Add(Delivery entry, bool isUrgent)
    {
        _entries.Add(entry);
        _groupRows += entry.Batch.Count;
        _groupIsUrgent |= isUrgent;
    }

    private bool IsDue()
    {
        if (_entries.Count == 0)
        {
            return false;
        }

        if (_groupRows >= MaxGroup)
        {
            return true;
        }

        var age = _clock.GetElapsedTime(_entries[0].EnqueuedAt);
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
        _underWay = [.. _entries];
        var result = _store.Append(_entries);
        if (result.Status == AppendStatus.Permanent && _entries.Count > 1)
        {
            GroupRejected(_entries.Count, result.Error);
            StoreOneByOne();
        }
        else
        {
            _entries.ForEach(entry => Finish(entry, result));
        }

        _underWay = [];
        ClearGroup();
    }

    private void StoreOneByOne()
    {
        foreach (var entry in _entries)
        {
            Finish(entry, _store.Append([entry]));
        }
    }

    private void KeepAccounts()
    {
        if (_store.Append([]) is { Status: not AppendStatus.Committed } failed)
        {
            AccountsNotKept(failed.Error);
        }
    }

    private void Finish(Delivery entry, AppendResult result)
    {
        switch (result.Status)
        {
            case AppendStatus.Committed:
                // Also where the spool has ended it, and before the next transaction keeps the accounts.
                _ledger.Move(entry.Ticket, LedgerColumn.Stored);
                End(entry, IngestOutcome.Stored);
                break;
            case AppendStatus.Permanent:
                RequestRejected(entry.Batch.Count, result.Error);
                End(entry, IngestOutcome.Rejected($"the store cannot keep this request: {result.Error}"));
                break;
            default:
                GiveUp(entry, $"the store is unavailable: {result.Error}");
                break;
        }
    }

    private void End(Delivery entry, IngestOutcome outcome)
    {
        if (entry.TryEnd())
        {
            if (outcome.Status == IngestStatus.Rejected && !entry.IsReplay)
            {
                _ledger.Move(entry.Ticket, LedgerColumn.Rejected, "store");
            }

            entry.Tell(outcome);
        }

        entry.LetGo();
    }

    private void GiveUp(Delivery entry, string message)
    {
        if (entry.IsReplay)
        {
            End(entry, IngestOutcome.Refused(message));
        }
        else
        {
            _spool.TakeOver(entry);
        }
    }

    private void GiveUpAll(string message)
    {
        _queue.Complete();
        do
        {
            _entries.ForEach(entry => GiveUp(entry, message));
            ClearGroup();
            while (_replays.TryDequeue(out var replay))
            {
                GiveUp(replay, message);
            }

            Collect();
        }
        while (_entries.Count > 0);
    }

    private void ClearGroup()
    {
        _entries.Clear();
        _groupRows = 0;
        _groupIsUrgent = false;
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "The writer has died; nothing more will be stored, requests go to the spool")]
    private partial void WriterDied(Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The store rejected a group of {Requests} requests, which are now stored one by one: {Error}")]
    private partial void GroupRejected(int requests, string? error);

    [LoggerMessage(Level = LogLevel.Error, Message = "The store rejected a request of {Rows} rows for good: {Error}")]
    private partial void RequestRejected(int rows, string? error);

    [LoggerMessage(Level = LogLevel.Error, Message = "The last accounts of the ledger were not kept: {Error}")]
    private partial void AccountsNotKept(string? error);
}
