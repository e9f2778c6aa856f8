using Collector.Diagnostics;
using Collector.Model;
using Collector.Pipeline.Spool;
using Collector.Receive.Grpc;
using Collector.Receive.Http;
using Collector.Receive.Otlp;
using Collector.Receive.Request;
using Collector.Receive.Rows;
using Collector.Receive.Tail;
using Collector.Receive.TailStream;
using Collector.Storage.Sqlite;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Collector.Hosting;

/// <summary>
/// All parts, put together once. They start from the back, so that no part accepts what the next one can't take, and
/// stop from the front, so that everything accepted is still stored or spooled.
/// </summary>
internal sealed partial class CollectorHost : IAsyncDisposable
{
    // Share of the deadline in which the store takes what waits; the spool has the rest of it.
    private const double StoresShare = 0.7;

    // Share of the deadline in which requests in flight may end.
    private const double RequestsShare = 0.4;

    private readonly CollectorOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<CollectorHost> _log;
    private readonly SqliteStore _store;
    private readonly CollectorMetrics _metrics;
    private readonly IngestPipeline _pipeline;
    private readonly Observability _observed;
    private readonly WebServer _web;
    private readonly IngestServer _grpc;
    private readonly IngestServer _http;
    private readonly CancellationTokenSource _streamsEnd = new();
    private long _droppedBefore;

    /// <param name="options">Checked settings.</param>
    /// <param name="store">Opened; the host closes it.</param>
    /// <param name="spool">Opened; the host closes it.</param>
    /// <param name="clock">The one source of time.</param>
    /// <param name="logs">Collector's own log.</param>
    public CollectorHost(CollectorOptions options, SqliteStore store, SpoolFolder spool, TimeProvider clock, ILoggerFactory logs)
    {
        _options = options;
        _store = store;
        _clock = clock;
        _log = logs.CreateLogger<CollectorHost>();
        _metrics = new CollectorMetrics(clock);
        _pipeline = new IngestPipeline(options, store.Appender, spool, _metrics, clock, logs);
        _observed = new Observability(options, _metrics, _pipeline, store, clock, logs);
        _web = new WebServer(options, store.Reader, store.Lifecycle, _observed, clock, logs);

        var rules = CreateRules();
        var ids = new LogIdSequence();
        var otlp = new OtlpDecoder(rules, ids);
        var tail = new TailDecoder(rules, ids);
        var events = new TailEventDecoder(rules, ids);
        var requests = new RequestHandler(
            _pipeline.Queue, _pipeline.Budget, _pipeline.Ledger, _metrics, clock, options.Ingest);
        var keys = new IngestKeys(options.Ingest.Keys);
        var limits = new BodyLimits(options.Ingest.MaxRequestBytes, clock);
        IGrpcMethod[] methods =
        [
            new OtlpGrpc(requests, otlp, OtlpSignal.Logs), new OtlpGrpc(requests, otlp, OtlpSignal.Traces),
            new TailGrpcSend(requests, events, _pipeline.Streams),
            new TailGrpcStream(requests, events, _pipeline.Streams, clock, options.Batch.MaxDelay, _streamsEnd.Token),
        ];
        var endpoint = new GrpcEndpoint(methods, limits, _metrics, logs.CreateLogger<GrpcEndpoint>());
        var health = new GrpcHealth(_observed.WhyNotReady, endpoint.Services, clock, _streamsEnd.Token);
        var grpc = new GrpcApplication(endpoint, new GrpcGate(methods, keys, _metrics), health, [TailService.File]);
        var http = new HttpEndpoint(
            [
                new OtlpHttp(requests, otlp, OtlpSignal.Logs), new OtlpHttp(requests, otlp, OtlpSignal.Traces),
                new TailHttp(requests, tail, _pipeline.Ledger),
            ],
            keys, new Cors(options.Ingest.CorsOrigins), limits, _metrics, logs.CreateLogger<HttpEndpoint>());
        _grpc = new IngestServer(options.Listen.Grpc, HttpProtocols.Http2, logs, grpc.AddServices, grpc.Build);
        _http = new IngestServer(options.Listen.Http, HttpProtocols.Http1, logs, static _ => { }, _ => http.HandleAsync);
    }

    public async Task StartAsync(CancellationToken cancellation)
    {
        _observed.Start();
        _pipeline.Start();
        _droppedBefore = _pipeline.Ledger.Total().Dropped;
        await _web.StartAsync(cancellation);
        await _grpc.StartAsync(cancellation);
        await _http.StartAsync(cancellation);
        _observed.ListensOn(_grpc.Address, _http.Address);
        WarnIfOpen();
        Started(Observability.Version, _grpc.Address.ToString(), _http.Address.ToString(), _web.Address.ToString(), Path.GetFullPath(_options.Storage.Path));
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

        // A stream of events would go on for ever: this ends it with the acknowledgement of what was read.
        await _streamsEnd.CancelAsync();
        // The spool answers requests that wait for a stuck store, so they don't hold this up for long.
        await Task.WhenAll(_grpc.StopAsync(requests.Token), _http.StopAsync(requests.Token));
        await _pipeline.StopAsync(store.Token, end.Token);
        await _web.StopAsync(end.Token);
        await _observed.StopAsync(end.Token);

        var total = _pipeline.Ledger.Total();
        Stopped(total.Received, total.Stored, total.Duplicate, total.Rejected, total.Refused, total.Dropped, total.Spooled, total.InFlight);
        return total.Dropped == _droppedBefore && total.InFlight == 0;
    }

    public async ValueTask DisposeAsync()
    {
        await _grpc.DisposeAsync();
        await _http.DisposeAsync();
        await _web.DisposeAsync();
        _streamsEnd.Dispose();
        _observed.Dispose();
        _pipeline.Dispose();
        if (_pipeline.Writer.Stopped.IsCompleted)
        {
            _store.Dispose();
        }
    }

    private MappingRules CreateRules()
    {
        var secrets = new SecretNames(_options.Redact.Headers, _options.Redact.HeaderParts, _options.Redact.Attributes);
        return new MappingRules { MaxRowBytes = _options.Ingest.MaxRowBytes, MaxAge = _options.Retention.MaxAge, Secrets = secrets };
    }

    private void WarnIfOpen()
    {
        foreach (var address in new[] { _grpc.Address, _http.Address })
        {
            if (!System.Net.IPAddress.IsLoopback(address.Address) && _options.Ingest.Keys.Count == 0)
            {
                ListensToEverybody(address.ToString());
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Collector {Version} listens: OTLP/gRPC on {Grpc}, OTLP/HTTP on {Http}, API on http://{Web}; data in {Path}")]
    private partial void Started(string version, string grpc, string http, string web, string path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Address} is not loopback and Ingest:Keys is empty: anybody that reaches it can store rows here")]
    private partial void ListensToEverybody(string address);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopping: nothing more is accepted, what was accepted is being stored")]
    private partial void Stopping();

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopped: {Received} rows received, {Stored} stored, {Duplicate} duplicate, {Rejected} rejected, {Refused} refused, {Dropped} dropped, {Spooled} spooled, {InFlight} in flight")]
    private partial void Stopped(long received, long stored, long duplicate, long rejected, long refused, long dropped, long spooled, long inFlight);
}
