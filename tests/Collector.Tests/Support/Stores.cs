using System.Collections.Concurrent;
using Collector.Model;
using Collector.Storage;

namespace Collector.Tests.Support;

/// <summary>A store in memory: what every fake here shares.</summary>
internal abstract class FakeStore : ILogAppender
{
    private readonly ConcurrentDictionary<LogId, int> _rows = new();

    /// <summary>Rows of each request that was committed, in order.</summary>
    public ConcurrentQueue<int> Taken { get; } = new();

    /// <summary>What the last commit kept of each producer.</summary>
    public ConcurrentDictionary<string, string> Accounts { get; } = new();

    /// <summary>What the last commit kept of each stream.</summary>
    public ConcurrentDictionary<string, StreamMark> Streams { get; } = new();

    public ConcurrentQueue<Gap> Gaps { get; } = new();

    public abstract AppendResult Append(AppendGroup group);

    public virtual bool? Contains(LogId firstLogId) => _rows.ContainsKey(firstLogId);

    public StoreMemory Recall(ulong keysSinceNanos, ulong streamsSinceNanos) => new(
        [.. Accounts.Select(pair => new AccountRecord(pair.Key, pair.Value))], [],
        [.. Streams.Values.Where(mark => mark.SeenNanos >= streamsSinceNanos)]);

    protected AppendResult Commit(AppendGroup group)
    {
        foreach (var batch in group.Batches)
        {
            _rows.TryAdd(batch.FirstLogId, batch.Count).ShouldBeTrue("a request was stored twice");
            Taken.Enqueue(batch.Count);
        }

        foreach (var account in group.Accounts)
        {
            Accounts[account.WorkerName] = account.Json;
        }

        foreach (var mark in group.Streams)
        {
            Streams[mark.StreamId] = mark;
        }

        foreach (var gap in group.Gaps)
        {
            Gaps.Enqueue(gap);
        }

        return AppendResult.Committed;
    }
}

/// <summary>Takes everything, one group at a time, when it is let to: the test holds the gate.</summary>
internal sealed class GatedStore : FakeStore, IDisposable
{
    private readonly SemaphoreSlim _gate = new(0);
    private readonly SemaphoreSlim _entered = new(0);

    /// <summary>Rows of each request of each group, in order; groups without requests are left out.</summary>
    public ConcurrentQueue<int[]> Groups { get; } = new();

    public Task Entered() => _entered.WaitAsync();

    public void Let(int groups = 1) => _gate.Release(groups);

    /// <summary>Answers whether a request is stored by nothing: it can't be read.</summary>
    public bool IsUnreadable { get; set; }

    public override bool? Contains(LogId firstLogId) => IsUnreadable ? null : base.Contains(firstLogId);

    public override AppendResult Append(AppendGroup group)
    {
        _entered.Release();
        _gate.Wait();
        if (group.Batches.Count > 0)
        {
            Groups.Enqueue([.. group.Batches.Select(batch => batch.Count)]);
        }

        return Commit(group);
    }

    public void Dispose()
    {
        _gate.Dispose();
        _entered.Dispose();
    }
}

/// <summary>Answers each append as the test's rule says at that time.</summary>
internal sealed class RuledStore(Func<IReadOnlyList<RowBatch>, AppendResult> rule) : FakeStore
{
    public Func<IReadOnlyList<RowBatch>, AppendResult> Rule { get; set; } = rule;

    /// <summary>Is given the right answer to whether a request is stored; may keep it, or keep it back.</summary>
    public Func<bool?, bool?> Look { get; set; } = static found => found;

    public override bool? Contains(LogId firstLogId) => Look(base.Contains(firstLogId));

    public override AppendResult Append(AppendGroup group)
    {
        var result = Rule(group.Batches);
        return result.Status == AppendStatus.Committed ? Commit(group) : result;
    }
}
