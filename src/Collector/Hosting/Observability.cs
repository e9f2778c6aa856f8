using System.Net;
using Collector.Diagnostics;
using Collector.Live;
using Collector.Pipeline.Ledger;
using Collector.Storage.Sqlite;

namespace Collector.Hosting;

/// <summary>How Collector is: its status, and its metrics, which are fetched from it or which it sends.</summary>
internal sealed partial class Observability : IStatusSource, IDisposable
{
    // As long as a request waits for memory before it is refused.
    private static readonly TimeSpan _longFull = TimeSpan.FromSeconds(5);

    private readonly CollectorOptions _options;
    private readonly IngestPipeline _pipeline;
    private readonly Doors _access;
    private readonly SqliteStore _store;
    private readonly LiveHub _live;
    private readonly TimeProvider _clock;
    private readonly ILogger<Observability> _log;
    private readonly DateTimeOffset _startedAt;
    private readonly long _started;
    private MetricsPush? _push;
    private ListenStatus _listen = new(null, null);

    public Observability(
        CollectorOptions options, CollectorMetrics metrics, IngestPipeline pipeline, DoorLedger door, Doors access,
        SqliteStore store, LiveHub live, TimeProvider clock, ILoggerFactory logs)
    {
        _options = options;
        _pipeline = pipeline;
        Door = door;
        _access = access;
        _store = store;
        _live = live;
        _clock = clock;
        _log = logs.CreateLogger<Observability>();
        _startedAt = clock.GetUtcNow();
        _started = clock.GetTimestamp();
        Metrics = metrics;
        Prometheus = new PrometheusExporter(metrics.Meter);
        Tasks = new TrackedTasks(TaskFailed);
    }

    public static string Version => typeof(Observability).Assembly.GetName().Version?.ToString(3) ?? "";

    public CollectorMetrics Metrics { get; }

    public PrometheusExporter Prometheus { get; }

    public TrackedTasks Tasks { get; }

    public RowLedger Ledger => _pipeline.Ledger;

    public DoorLedger Door { get; }

    public QueueStatus Queue =>
        new(_pipeline.Queue.Count, _pipeline.Queue.Capacity, _pipeline.Budget.Used, _pipeline.Budget.MaxBytes)
        {
            FullFor = _pipeline.Budget.FullFor,
        };

    public WriterStatus Writer
    {
        get
        {
            var appender = _pipeline.Appender;
            return new WriterStatus(_pipeline.Writer.IsAlive, appender.IsFailing, appender.Failure, appender.BusyFor, appender.Retries);
        }
    }

    public SpoolStatus Spool => _pipeline.SpoolStatus;

    public StoreStatus Store
    {
        get
        {
            var (catalog, lifecycle) = (_store.Catalog, _store.Lifecycle);
            var removed = lifecycle.Removed;
            return new StoreStatus(
                catalog.Rows, catalog.Bytes, catalog.Segments.Length, lifecycle.Unsealed, lifecycle.SealingFailures,
                removed.Segments, removed.Rows, removed.Bytes, catalog.Unreadable.Count())
            {
                Damaged = lifecycle.Damaged,
            };
        }
    }

    /// <summary>Before anything is taken, so that nothing is missed.</summary>
    public void Start()
    {
        Metrics.Observe(this);
        LedgerMetrics.Observe(Metrics.Meter, Ledger, Door);
        Prometheus.Start();
        if (_options.Telemetry.OtlpEndpoint is { } endpoint)
        {
            _push = new MetricsPush(endpoint, _options.Telemetry.Protocol, Version, _log);
            MetricsAreSent(MetricsPush.WithoutUserInfo(endpoint), _options.Telemetry.Protocol);
        }
    }

    /// <summary>Rows are taken from here on.</summary>
    public void ListensOn(IPEndPoint grpc, IPEndPoint http) => _listen = new ListenStatus(grpc.ToString(), http.ToString());

    /// <summary>Sends the last figures, and waits for that and every other task, until the token is cancelled.</summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        if (_push is { } push)
        {
            Tasks.Start("the last push of metrics", () =>
            {
                push.Finish();
                return Task.CompletedTask;
            });
        }

        try
        {
            await Tasks.DrainAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            TasksLeft(Tasks.Count);
        }
    }

    public StatusSnapshot Status() => new(
        Version, _startedAt, _clock.GetElapsedTime(_started), WhyNotReady() is null, _listen,
        Metrics.RecentAcknowledgements.Read(), Queue, Writer, Spool, Store, _access.Status());

    /// <summary>Null where rows are taken and questions answered.</summary>
    public string? WhyNotReady() => WhyNotReady(
        _pipeline.Writer.IsAlive, _pipeline.Spool.IsAlive, !_live.HasEnded, _pipeline.Budget.FullFor, _store.Reader.Ready);

    internal static string? WhyNotReady(bool isWriterAlive, bool isSpoolAlive, bool isLiveAlive, TimeSpan fullFor, Task indexes) =>
        !isWriterAlive ? "the writer is not alive"
        : !isSpoolAlive ? "the spool's thread has died"
        : !isLiveAlive ? "the live stream has ended"
        : fullFor >= _longFull ? $"no request has got memory (Queue:MaxBytes) for {fullFor.TotalSeconds:0} s"
        : indexes.IsFaulted ? "the index of the hot segment could not be rebuilt; the log says why"
        : !indexes.IsCompletedSuccessfully ? "the index of the hot segment is being rebuilt"
        : null;

    public void Dispose()
    {
        _push?.Dispose();
        Prometheus.Dispose();
        Metrics.Dispose();
    }

    private void TaskFailed(string name, Exception error)
    {
        Metrics.TaskFailed();
        TaskHasFailed(name, error);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Metrics are sent to {Endpoint} ({Protocol}) once a minute")]
    private partial void MetricsAreSent(Uri endpoint, TelemetryProtocol protocol);

    [LoggerMessage(Level = LogLevel.Error, Message = "A task in the background failed: {Name}")]
    private partial void TaskHasFailed(string name, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} tasks in the background had not ended in time")]
    private partial void TasksLeft(int count);
}
