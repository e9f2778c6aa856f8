using Collector.Diagnostics;
using Collector.Model;
using Collector.Pipeline.Ledger;
using Collector.Pipeline.Queue;
using Collector.Pipeline.Spool;
using Collector.Pipeline.Streams;
using Collector.Pipeline.Write;
using Collector.Storage;

namespace Collector.Hosting;

/// <summary>The pipeline's parts, connected: queue, writer, spool, and what they remember. <see cref="Host"/> starts and stops them.</summary>
internal sealed class IngestPipeline : IDisposable
{
    // Longest wait for memory before a producer is refused; see ByteBudget.
    private static readonly TimeSpan _memoryTimeout = TimeSpan.FromSeconds(5);

    private readonly ISpoolStore _disk;
    private readonly long _spoolMaxBytes;

    /// <param name="options">Checked settings.</param>
    /// <param name="store">Takes what is stored.</param>
    /// <param name="spool">Opened; the pipeline closes it.</param>
    /// <param name="metrics">Told of each commit.</param>
    /// <param name="clock">The one source of time.</param>
    /// <param name="logs">Collector's own log.</param>
    /// <param name="pieces">Makes the rows of large requests that come back from the spool.</param>
    public IngestPipeline(
        CollectorOptions options, ILogAppender store, ISpoolStore spool, CollectorMetrics metrics, TimeProvider clock, ILoggerFactory logs,
        IRowPiecesFactory pieces)
    {
        _disk = spool;
        _spoolMaxBytes = options.Spool.MaxBytes;
        Budget = new ByteBudget(options.Queue.MaxBytes, _memoryTimeout, clock);
        Streams = new StreamTracker(Ledger, clock);
        Books = new DeliveryBooks(Ledger, new DedupWindow(options.Ingest.RetryWindow, clock), Streams, clock);
        var inbox = new SpoolInbox();
        Queue = new IngestQueue(options.Queue, Books, inbox.Signal, logs.CreateLogger<IngestQueue>());
        Appender = new ResilientAppender(store, options.Retry, metrics, clock, logs.CreateLogger<ResilientAppender>());
        Replay = new SpoolReplay(_disk, Queue, inbox, Budget, Books, clock, logs.CreateLogger<SpoolReplay>(), pieces);
        Spool = new SpoolWorker(_disk, Replay, inbox, Queue, Appender, Budget, Books, clock, logs.CreateLogger<SpoolWorker>());
        Writer = new BatchWriter(Queue, Appender, inbox, Books, new BatchPolicy(options.Batch), clock, logs.CreateLogger<BatchWriter>());
    }

    public RowLedger Ledger { get; } = new();

    public DeliveryBooks Books { get; }

    public ByteBudget Budget { get; }

    public IngestQueue Queue { get; }

    public StreamTracker Streams { get; }

    public ResilientAppender Appender { get; }

    public SpoolReplay Replay { get; }

    public SpoolWorker Spool { get; }

    public BatchWriter Writer { get; }

    public SpoolStatus SpoolStatus =>
        new(_disk.Bytes, _spoolMaxBytes, Replay.IsBehind, Spool.Taken, Replay.Settled, _disk.SetAside);

    public void Dispose()
    {
        Spool.Dispose();
        if (Writer.Stopped.IsCompleted)
        {
            // Else its thread is stuck in the store and still has them; the process is about to end.
            Writer.Dispose();
        }
    }
}
