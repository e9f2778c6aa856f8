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
    private readonly DedupWindow _recent;
    private readonly SpoolFolder _folder;
    private readonly SpoolReplay _replay;
    private bool _isStarted;
    private readonly long _spoolMaxBytes;

    /// <exception cref="SpoolInUseException">Another process has the spool's folder.</exception>
    /// <exception cref="IOException">The spool's folder can't be used.</exception>
    /// <exception cref="UnauthorizedAccessException">The spool's folder belongs to somebody else.</exception>
    public IngestPipeline(CollectorOptions options, ILogAppender store, TimeProvider clock, ILoggerFactory logs)
    {
        _store = store;
        _clock = clock;
        _log = logs.CreateLogger<IngestPipeline>();
        _recent = new DedupWindow(options.Ingest.RetryWindow, clock);
        _folder = SpoolFolder.Open(options.Spool, logs.CreateLogger<SpoolFolder>());
        _spoolMaxBytes = options.Spool.MaxBytes;
        Budget = new ByteBudget(options.Queue.MaxBytes, _memoryTimeout, clock);
        Streams = new StreamTracker(Ledger, clock);
        Queue = new IngestQueue(options.Queue, _recent, Streams, Ledger, clock, logs.CreateLogger<IngestQueue>());
        Guard = new ResilientAppender(store, options.Retry, clock, logs.CreateLogger<ResilientAppender>());
        _replay = new SpoolReplay(_folder, Budget, Ledger, clock, logs.CreateLogger<SpoolReplay>());
        Spool = new SpoolWorker(_folder, _replay, Queue, Guard, Budget, Ledger, clock, logs.CreateLogger<SpoolWorker>());
        Writer = new BatchWriter(
            Queue, new GroupAppender(Guard, Ledger, Streams), Spool, Ledger, new BatchPolicy(options.Batch), clock, logs.CreateLogger<BatchWriter>());
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
        var memory = _store.Recall(Timestamps.ToNanos(now - _recent.Window), Timestamps.ToNanos(now - StreamMark.KeptFor));
        foreach (var worker in Ledger.Restore(memory.Accounts))
        {
            AccountUnreadable(worker);
        }

        foreach (var (key, received) in memory.Keys)
        {
            _recent.Load(key, DateTimeOffset.UnixEpoch.AddTicks((long)(received / 100)));
        }

        foreach (var mark in memory.Streams)
        {
            Streams.Load(mark);
        }

        if (_replay.Load(_recent, Streams) is > 0 and var spooled)
        {
            SpoolFound(spooled, _folder.Bytes);
        }

        Spool.Start(Writer);
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
