using Collector.Diagnostics;
using Collector.Model;
using Collector.Pipeline.Ledger;
using Collector.Pipeline.Queue;
using Collector.Pipeline.Spool;
using Collector.Pipeline.Streams;
using Collector.Pipeline.Write;
using Collector.Storage;

namespace Collector.Hosting;

/// <summary>
/// The pipeline's parts as one: queue, writer, spool, and what they remember. Before it takes anything it recalls what an
/// earlier process kept.
/// </summary>
internal sealed partial class IngestPipeline : IDisposable
{
    // Longest wait for memory before a producer is refused; see ByteBudget.
    private static readonly TimeSpan _memoryTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _lastWrite = TimeSpan.FromMilliseconds(500);

    private readonly ILogAppender _store;
    private readonly TimeProvider _clock;
    private readonly ILogger<IngestPipeline> _log;
    private readonly DeliveryBooks _books;
    private readonly SpoolFolder _folder;
    private readonly SpoolReplay _replay;
    private bool _isStarted;
    private readonly long _spoolMaxBytes;

    /// <param name="options">Checked settings.</param>
    /// <param name="store">Takes what is stored.</param>
    /// <param name="folder">The spool's, opened; the pipeline closes it.</param>
    /// <param name="metrics">Told of each commit.</param>
    /// <param name="clock">The one source of time.</param>
    /// <param name="logs">Collector's own log.</param>
    public IngestPipeline(
        CollectorOptions options, ILogAppender store, SpoolFolder folder, CollectorMetrics metrics, TimeProvider clock, ILoggerFactory logs)
    {
        _store = store;
        _clock = clock;
        _log = logs.CreateLogger<IngestPipeline>();
        _folder = folder;
        _spoolMaxBytes = options.Spool.MaxBytes;
        Budget = new ByteBudget(options.Queue.MaxBytes, _memoryTimeout, clock);
        Streams = new StreamTracker(Ledger, clock);
        _books = new DeliveryBooks(Ledger, new DedupWindow(options.Ingest.RetryWindow, clock), Streams, clock);
        var inbox = new SpoolInbox();
        Queue = new IngestQueue(options.Queue, _books, inbox.Signal, logs.CreateLogger<IngestQueue>());
        Guard = new ResilientAppender(store, options.Retry, metrics, clock, logs.CreateLogger<ResilientAppender>());
        _replay = new SpoolReplay(_folder, Queue, inbox, Budget, _books, clock, logs.CreateLogger<SpoolReplay>());
        Spool = new SpoolWorker(_folder, _replay, inbox, Queue, Guard, Budget, _books, clock, logs.CreateLogger<SpoolWorker>());
        Writer = new BatchWriter(Queue, Guard, inbox, _books, new BatchPolicy(options.Batch), clock, logs.CreateLogger<BatchWriter>());
    }

    public RowLedger Ledger { get; } = new();

    public ByteBudget Budget { get; }

    public IngestQueue Queue { get; }

    public StreamTracker Streams { get; }

    public ResilientAppender Guard { get; }

    public SpoolWorker Spool { get; }

    public BatchWriter Writer { get; }

    public SpoolStatus SpoolStatus =>
        new(_folder.Bytes, _spoolMaxBytes, _replay.IsBehind, Spool.Taken, _replay.Settled, _folder.TornTails, _folder.SetAside);

    /// <exception cref="StoreUnavailableException">What was kept can't be read.</exception>
    public void Start()
    {
        var now = _clock.GetUtcNow();
        var memory = _store.Recall(Timestamps.ToNanos(now - _books.Repeats.Window), Timestamps.ToNanos(now - StreamMark.KeptFor));
        foreach (var worker in Ledger.Restore(memory.Accounts))
        {
            AccountUnreadable(worker);
        }

        foreach (var (key, received) in memory.Keys)
        {
            _books.Repeats.Load(key, DateTimeOffset.UnixEpoch.AddTicks((long)(received / 100)));
        }

        foreach (var mark in memory.Streams)
        {
            Streams.Load(mark);
        }

        if (_replay.Load() is > 0 and var spooled)
        {
            SpoolFound(spooled, _folder.Bytes);
        }

        Spool.Start();
        Writer.Start();
        _isStarted = true;
    }

    /// <summary>
    /// Stores what waits; what is not stored when <paramref name="hurry"/> is cancelled goes to the spool. Nobody may
    /// enqueue any more. Returns by <paramref name="end"/>, whatever hangs.
    /// </summary>
    public async Task StopAsync(CancellationToken hurry, CancellationToken end)
    {
        Queue.Complete();
        if (!_isStarted)
        {
            return;
        }

        await using (hurry.UnsafeRegister(static spool => ((SpoolWorker)spool!).SpoolTheRest(), Spool))
        {
            await Writer.Stopped.WaitAsync(hurry).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // The queue is the spool's now; a write that is not stuck still comes to its end.
            await Writer.Stopped.WaitAsync(_lastWrite, _clock, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Spool.Stop();
        await Spool.Stopped.WaitAsync(end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose()
    {
        Spool.Dispose();
        if (Writer.Stopped.IsCompleted)
        {
            // Else its thread is stuck in the store and still has them; the process is about to end.
            Writer.Dispose();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The spool holds {Requests} requests ({Bytes} bytes) that are not known to be stored; they are stored now")]
    private partial void SpoolFound(int requests, long bytes);

    [LoggerMessage(Level = LogLevel.Error, Message = "The kept account of {Worker} can't be read; its counts start anew")]
    private partial void AccountUnreadable(string worker);
}
