using Collector.Diagnostics;
using Collector.Model;
using Collector.Pipeline.Ledger;
using Collector.Pipeline.Queue;
using Collector.Pipeline.Spool;
using Collector.Pipeline.Streams;
using Collector.Pipeline.Write;
using Collector.Storage;
using Collector.Storage.Sqlite.Spool;
using Microsoft.Extensions.Logging.Abstractions;

namespace Collector.Tests.Support;

/// <summary>A whole pipeline over a store of the test's: the real queue, writer and spool.</summary>
internal sealed class Pipes : IAsyncDisposable
{
    private readonly CollectorMetrics _metrics;
    private bool _isStopped;

    public Pipes(
        ILogAppender store, string spool, TimeProvider? clock = null, QueueOptions? queue = null, long spoolBytes = 1 << 30,
        Func<ISpoolStore, ISpoolStore>? disk = null, BatchOptions? batch = null)
    {
        clock ??= new NoonClock();
        queue ??= new QueueOptions();
        ISpoolStore folder = SqliteSpool.Open(spool, spoolBytes, TimeSpan.FromDays(7), clock, NullLogger.Instance);
        folder = disk?.Invoke(folder) ?? folder;
        Streams = new StreamTracker(Ledger, clock);
        var books = new DeliveryBooks(Ledger, new DedupWindow(TimeSpan.FromMinutes(10), clock), Streams, clock);
        var inbox = new SpoolInbox();
        Queue = new IngestQueue(queue, books, inbox.Signal);
        _metrics = new CollectorMetrics(clock);
        var retries = new RetryOptions { Attempts = 1, BaseDelay = TimeSpan.FromMilliseconds(1) };
        Guard = new ResilientAppender(store, retries, _metrics, clock, NullLogger<ResilientAppender>.Instance);
        var budget = new ByteBudget(queue.MaxBytes, TimeSpan.FromSeconds(5), clock);
        var replay = new SpoolReplay(folder, Queue, inbox, budget, books, clock, NullLogger<SpoolReplay>.Instance);
        Keeper = new SpoolWorker(folder, replay, inbox, Queue, Guard, budget, books, clock, NullLogger<SpoolWorker>.Instance);
        var policy = new BatchPolicy(batch ?? new BatchOptions { AckLinger = TimeSpan.Zero, MaxDelay = TimeSpan.Zero });
        Writer = new BatchWriter(Queue, Guard, inbox, books, policy, clock, NullLogger<BatchWriter>.Instance);

        // As Host does it.
        var memory = store.Recall(0, 0);
        Ledger.Restore(memory.Accounts);
        foreach (var mark in memory.Streams)
        {
            Streams.Load(mark);
        }

        Found = replay.Load(memory.Keys.Select(static known => known.Key).ToHashSet(), new OldSpool(spool, NullLogger.Instance));
        Keeper.Start();
        Writer.Start();
    }

    public RowLedger Ledger { get; } = new();

    public LedgerCounts Total => Ledger.Total();

    public IngestQueue Queue { get; }

    public StreamTracker Streams { get; }

    public ResilientAppender Guard { get; }

    public SpoolWorker Keeper { get; }

    public BatchWriter Writer { get; }

    /// <summary>Requests that the spool held at the start.</summary>
    public int Found { get; }

    public Task<IngestOutcome> SendAsync(RowBatch batch, bool awaitStored = true) =>
        Queue.EnqueueAsync(batch, awaitStored, CancellationToken.None).AsTask();

    public Task<IngestOutcome> SendAsync(int number, int rows = 1) => SendAsync(Batches.Of(rows, key: SomeBatches.Key(number)));

    /// <summary>Looks until it is so; the pipeline's own threads bring it about.</summary>
    public Task UntilAsync(Func<LedgerCounts, bool> isSo) => Eventually.IsSoAsync(() => isSo(Total), () => Total.ToString());

    /// <summary>Stores what it can.</summary>
    public async Task DrainAsync()
    {
        _isStopped = true;
        Queue.Complete();
        await Writer.Stopped;
        Keeper.Stop();
        await Keeper.Stopped;
    }

    /// <summary>Stops without the store: what waits goes to the spool.</summary>
    public async Task HurryAsync()
    {
        _isStopped = true;
        Queue.Complete();
        Keeper.SpoolTheRest();
        Keeper.Stop();
        await Keeper.Stopped;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_isStopped)
        {
            await DrainAsync();
        }

        Keeper.Dispose();
        if (Writer.Stopped.IsCompleted)
        {
            Writer.Dispose();
            _metrics.Dispose();
        }
    }
}
