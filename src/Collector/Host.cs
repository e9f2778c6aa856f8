using Collector.Access;
using Collector.Diagnostics;
using Collector.Hosting;
using Collector.Limits;
using Collector.Live;
using Collector.Model;
using Collector.Pipeline.Ledger;
using Collector.Pipeline.Spool;
using Collector.Query;
using Collector.Receive.Grpc;
using Collector.Receive.Http;
using Collector.Receive.Otlp;
using Collector.Receive.Request;
using Collector.Receive.Rows;
using Collector.Receive.Tail;
using Collector.Receive.TailStream;
using Collector.Storage;
using Collector.Storage.Sqlite;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Collector;

/// <summary>
/// The composition root: all parts, made once and connected in the constructor, which only assigns. They start from the
/// back, so that no part accepts what the next one can't take, and stop from the front, so that everything that was
/// accepted is still stored or spooled.
/// </summary>
internal sealed partial class Host : IAsyncDisposable
{
    // Share of the deadline in which the store takes what waits; the spool has the rest of it.
    private const double StoresShare = 0.7;

    // Share of the deadline in which requests in flight may end.
    private const double RequestsShare = 0.4;

    // How soon the writer keeps what the store has lost, where no row comes that would wake it.
    private static readonly TimeSpan _lossInterval = TimeSpan.FromSeconds(1);

    // For a write that is not stuck, when the queue already belongs to the spool.
    private static readonly TimeSpan _lastWrite = TimeSpan.FromMilliseconds(500);

    private readonly CollectorOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<Host> _log;
    private readonly SqliteStore _store;
    private readonly IngestPipeline _pipeline;
    private readonly CallerPlaces _places;
    private readonly Doors _doors;
    private readonly RowEvents _events = new();
    private readonly Observability _observed;
    private readonly WebServer _web;
    private readonly IngestServer _grpc;
    private readonly IngestServer _http;
    private readonly LifeSign _lifeSign;
    private readonly CancellationTokenSource _streamsEnd = new();
    private bool _isPipelineStarted;
    private ITimer? _losses;
    private long _droppedBefore;

    /// <param name="options">Checked settings.</param>
    /// <param name="store">Opened; the host closes it.</param>
    /// <param name="spool">Opened; the host closes it.</param>
    /// <param name="clock">The one source of time.</param>
    /// <param name="logs">Collector's own log.</param>
    public Host(CollectorOptions options, SqliteStore store, ISpoolStore spool, TimeProvider clock, ILoggerFactory logs)
    {
        _options = options;
        _store = store;
        _clock = clock;
        _log = logs.CreateLogger<Host>();
        _lifeSign = new LifeSign(options.Storage.Path, clock);
        var metrics = new CollectorMetrics(clock);
        var rules = CreateRules();
        var ids = new LogIdSequence();
        var otlp = new OtlpDecoder(rules, ids);
        var tail = new TailDecoder(rules, ids);
        var events = new TailEventDecoder(rules, ids);
        _pipeline = new IngestPipeline(options, store.Appender, spool, metrics, clock, logs, new RowPiecesFactories(otlp, tail, events));
        var door = new DoorLedger(clock, logs.CreateLogger<DoorLedger>());
        _places = new CallerPlaces(options.Limits, metrics);
        _doors = new Doors(options, clock, logs.CreateLogger<Doors>());
        var live = new LiveHub(
            new LiveArrivals(store.Reader, logs.CreateLogger<LiveHub>()), _events.Write, options.Limits.LiveBytes, metrics, clock, logs.CreateLogger<LiveHub>());
        _observed = new Observability(options, metrics, _pipeline, door, _doors, store, live, clock, logs);
        var proxies = new TrustedProxies(options.Listen.TrustedProxies);
        var connections = new ListenerPlaces(_places.Connections, proxies, metrics, clock, logs.CreateLogger<ListenerPlaces>());
        var tls = new Tls(
            options.Tls.Certificate.Length > 0 ? new TlsCertificates(options.Tls, clock, logs.CreateLogger<TlsCertificates>()) : null, door, clock);
        _web = new WebServer(
            options, store.Reader, store.Lifecycle, live, _places, connections, proxies, _doors.Reading, _doors.Keys, tls, _observed, clock, logs);

        var requests = new RequestHandler(
            _pipeline.Queue, _pipeline.Budget, _pipeline.Ledger, metrics, clock, options.Ingest, logs.CreateLogger<RequestHandler>());
        var limits = new BodyLimits(options.Ingest.MaxRequestBytes, clock) { Budget = _pipeline.Budget };
        var figures = new UnkeptMetrics(_pipeline.Budget, door);
        IGrpcMethod[] methods =
        [
            new OtlpGrpc(requests, otlp, OtlpSignal.Logs), new OtlpGrpc(requests, otlp, OtlpSignal.Traces), figures,
            new TailGrpcSend(requests, events, _pipeline.Streams),
            new TailGrpcStream(requests, events, _pipeline.Streams, clock, options.Batch.MaxDelay, _streamsEnd.Token),
        ];
        var endpoint = new GrpcEndpoint(methods, limits, door, metrics, logs.CreateLogger<GrpcEndpoint>());
        var health = new GrpcHealth(_observed.WhyNotReady, endpoint.Services, clock, _streamsEnd.Token);
        var grpc = new GrpcApplication(endpoint, new GrpcGate(methods, _doors.Sending, door, metrics), new GrpcStreams(_places.Streams, metrics), health, [TailService.File], _streamsEnd.Token);
        var http = new HttpEndpoint(
            [
                new OtlpHttp(requests, otlp, OtlpSignal.Logs), new OtlpHttp(requests, otlp, OtlpSignal.Traces),
                new TailHttp(requests, tail, _pipeline.Ledger), figures,
            ],
            _doors.Sending, new Cors(options.Ingest), door, limits, metrics, logs.CreateLogger<HttpEndpoint>());
        // Both ports speak both protocols: a producer that has them swapped is understood.
        RequestDelegate Receive(WebApplication app) => proxies.Before(GrpcApplication.Or(http.HandleAsync, grpc.Build(app)), logs);
        _grpc = new IngestServer(options.Listen.Grpc, HttpProtocols.Http2, connections, tls, logs, grpc.AddServices, Receive);
        _http = new IngestServer(options.Listen.Http, HttpProtocols.Http1, connections, tls, logs, grpc.AddServices, Receive);
    }

    /// <summary>
    /// (1) Starts to count, before there is anything to count; (2) recalls what an earlier process kept; (3) starts the spool
    /// and the writer; (4) answers questions; (5) takes rows.
    /// </summary>
    /// <exception cref="StoreUnavailableException">What was kept can't be read.</exception>
    /// <exception cref="IOException">A port is taken.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        // 1.
        _observed.Start();
        // 2.
        Recall();
        KeepTimeAway();
        // 3.
        _pipeline.Spool.Start();
        _pipeline.Writer.Start();
        _isPipelineStarted = true;
        _losses = _clock.CreateTimer(static host => ((Host)host!).KeepLosses(), this, _lossInterval, _lossInterval);
        // 4.
        _doors.MakeMissingKeys();
        await _web.StartAsync(cancellation);
        // 5.
        await _grpc.StartAsync(cancellation);
        await _http.StartAsync(cancellation);
        _observed.ListensOn(_grpc.Address, _http.Address);
        _doors.Say(_grpc.Address, _http.Address, _web.Address);
        Started(
            Observability.Version, _grpc.Address.ToString(), _http.Address.ToString(),
            _options.Tls.Certificate.Length > 0 ? Uri.UriSchemeHttps : Uri.UriSchemeHttp, _web.Address.ToString(),
            Path.GetFullPath(_options.Storage.Path));
    }

    /// <summary>
    /// (1) Accepts nothing more and finishes requests in flight; (2) stores what waits, or spools it when time runs out;
    /// (3) stops answering; (4) logs what became of everything. Returns false when anything was lost.
    /// </summary>
    /// <param name="hurry">Cancelled by a second signal: spool at once.</param>
    public async Task<bool> StopAsync(CancellationToken hurry)
    {
        Stopping();
        using var end = new CancellationTokenSource(_options.Shutdown.Deadline, _clock);
        using var requestsTime = new CancellationTokenSource(_options.Shutdown.Deadline * RequestsShare, _clock);
        using var storesTime = new CancellationTokenSource(_options.Shutdown.Deadline * StoresShare, _clock);
        using var requests = CancellationTokenSource.CreateLinkedTokenSource(requestsTime.Token, hurry);
        using var store = CancellationTokenSource.CreateLinkedTokenSource(storesTime.Token, hurry);

        // 1. A stream of events would go on for ever: this ends it with the acknowledgement of what was read. The spool
        // answers requests that wait for a stuck store, so they don't hold this up for long.
        await _streamsEnd.CancelAsync();
        await Task.WhenAll(_grpc.StopAsync(requests.Token), _http.StopAsync(requests.Token));
        _lifeSign.Dispose();
        // 2.
        await StopPipelineAsync(store.Token, end.Token);
        // 3.
        await _web.StopAsync(end.Token);
        await _observed.StopAsync(end.Token);

        // 4.
        var total = _pipeline.Ledger.Total();
        Stopped(total.Received, total.Stored, total.Duplicate, total.Rejected, total.Refused, total.Dropped, total.Spooled, total.InFlight);
        return total.Dropped == _droppedBefore && total.InFlight == 0;
    }

    public async ValueTask DisposeAsync()
    {
        await _grpc.DisposeAsync();
        await _http.DisposeAsync();
        await _web.DisposeAsync();
        _lifeSign.Dispose();
        _streamsEnd.Dispose();
        _observed.Dispose();
        _places.Dispose();
        _events.Dispose();
        await (_losses?.DisposeAsync() ?? ValueTask.CompletedTask);
        _pipeline.Dispose();
        if (_pipeline.Writer.Stopped.IsCompleted)
        {
            _store.Dispose();
        }
    }

    private MappingRules CreateRules()
    {
        var secrets = SecretNames.From(_options.Redact);
        return new MappingRules
        {
            MaxRowBytes = _options.Ingest.MaxRowBytes,
            MaxAge = _options.Retention.MaxAge,
            Secrets = secrets,
            Names = FieldNames.From(_options.Ingest),
        };
    }

    private void Recall()
    {
        var (now, books) = (_clock.GetUtcNow(), _pipeline.Books);
        var memory = _store.Appender.Recall(
            Timestamps.ToNanos(now - books.Repeats.Window), Timestamps.ToNanos(now - StreamMark.KeptFor));
        foreach (var worker in books.Ledger.Restore(memory.Accounts))
        {
            AccountUnreadable(worker);
        }

        foreach (var (key, received) in memory.Keys)
        {
            books.Repeats.Load(key, DateTimeOffset.UnixEpoch.AddTicks((long)(received / 100)));
        }

        foreach (var mark in memory.Streams)
        {
            books.Streams.Load(mark);
        }

        var old = new OldSpool(_options.Spool.Path, _log);
        if (_pipeline.Replay.Load(memory.Keys.Select(static known => known.Key).ToHashSet(), old) is > 0 and var spooled)
        {
            SpoolFound(spooled, _pipeline.SpoolStatus.Bytes);
        }

        _droppedBefore = books.Ledger.Total().Dropped;
    }

    // Nothing could be received from the last sign of life until now, and answers about that time say so. Where that can't be
    // kept, the sign stays as it is, so that the next start keeps it.
    private void KeepTimeAway()
    {
        var now = Timestamps.ToNanos(_clock.GetUtcNow());
        if (_lifeSign.ReadLast() is { } seen)
        {
            var newest = _store.Catalog.Segments.Max(static segment => (ulong?)segment.LastArrivalNanos) ?? 0;
            var from = Math.Max(seen, newest);
            var away = new AppendGroup { Gaps = from < now ? [new Gap(Gap.Everybody, from, now, 0, Gap.NotRunning)] : [] };
            if (_store.Appender.Append(away) is { Status: not AppendStatus.Committed } failed)
            {
                TimeAwayNotKept(failed.Error);
                return;
            }
        }

        _lifeSign.Start();
    }

    // Stores what waits; what is not stored when the store's time is over is spooled. Returns by the end, whatever hangs.
    private async Task StopPipelineAsync(CancellationToken storesTime, CancellationToken end)
    {
        var (queue, writer, spool) = (_pipeline.Queue, _pipeline.Writer, _pipeline.Spool);
        queue.Complete();
        if (!_isPipelineStarted)
        {
            return;
        }

        await using (storesTime.UnsafeRegister(static spool => ((SpoolWorker)spool!).SpoolTheRest(), spool))
        {
            await writer.Stopped.WaitAsync(storesTime).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await writer.Stopped.WaitAsync(_lastWrite, _clock, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        spool.Stop();
        await spool.Stopped.WaitAsync(end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void KeepLosses()
    {
        if (_store.Appender.HasLosses)
        {
            _pipeline.Queue.WakeReader();
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Collector {Version} listens: OTLP/gRPC on {Grpc}, OTLP/HTTP on {Http}, API on {Scheme}://{Web}; data in {Path}")]
    private partial void Started(string version, string grpc, string http, string scheme, string web, string path);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopping: nothing more is accepted, what was accepted is being stored")]
    private partial void Stopping();

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopped: {Received} rows received, {Stored} stored, {Duplicate} duplicate, {Rejected} rejected, {Refused} refused, {Dropped} dropped, {Spooled} spooled, {InFlight} in flight")]
    private partial void Stopped(long received, long stored, long duplicate, long rejected, long refused, long dropped, long spooled, long inFlight);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The spool holds {Requests} requests ({Bytes} bytes) that are not known to be stored; they are stored now")]
    private partial void SpoolFound(int requests, long bytes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The gap of the time in which Collector was not running can't be kept; the next start tries again: {Error}")]
    private partial void TimeAwayNotKept(string? error);

    [LoggerMessage(Level = LogLevel.Error, Message = "The kept account of {Worker} can't be read; its counts start anew")]
    private partial void AccountUnreadable(string worker);
}
