using Collector.Model;
using Collector.Pipeline.Ledger;
using Collector.Pipeline.Queue;
using Collector.Pipeline.Spool;
using Collector.Pipeline.Streams;
using Collector.Pipeline.Write;
using Collector.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Collector.Tests.Support;

/// <summary>A whole pipeline over a store of the test's: the real queue, writer and spool.</summary>
internal sealed class Pipes : IAsyncDisposable
{
    private readonly SpoolFolder _folder;
    private bool _isStopped;

    public Pipes(
        ILogAppender store, string spool, TimeProvider? clock = null, QueueOptions? queue = null, long spoolBytes = 1 << 30,
        SpoolDisk? disk = null, BatchOptions? batch = null)
    {
        clock ??= new NoonClock();
        queue ??= new QueueOptions();
        var recent = new DedupWindow(TimeSpan.FromMinutes(10), clock);
        _folder = SpoolFolder.Open(new SpoolOptions { Path = spool, MaxBytes = spoolBytes }, NullLogger.Instance, disk);
        Streams = new StreamTracker(Ledger, clock);
        Queue = new IngestQueue(queue, recent, Streams, Ledger, clock);
        var retries = new RetryOptions { Attempts = 1, BaseDelay = TimeSpan.FromMilliseconds(1) };
        Guard = new ResilientAppender(store, retries, clock, NullLogger<ResilientAppender>.Instance);
        var budget = new ByteBudget(queue.MaxBytes, TimeSpan.FromSeconds(5), clock);
        var replay = new SpoolReplay(_folder, budget, Ledger, clock, NullLogger<SpoolReplay>.Instance);
        Keeper = new SpoolWorker(_folder, replay, Queue, Guard, budget, Ledger, clock, NullLogger<SpoolWorker>.Instance);
        var policy = new BatchPolicy(batch ?? new BatchOptions { AckLinger = TimeSpan.Zero, MaxDelay = TimeSpan.Zero });
        Writer = new BatchWriter(Queue, new GroupAppender(Guard, Ledger, Streams), Keeper, Ledger, policy, clock, NullLogger<BatchWriter>.Instance);

        // As IngestPipeline does it.
        var memory = store.Recall(0, 0);
        Ledger.Restore(memory.Accounts);
        foreach (var mark in memory.Streams)
        {
            Streams.Load(mark);
        }

        Found = replay.Load(recent, Streams);
        Keeper.Start(Writer);
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
        }
    }
}
