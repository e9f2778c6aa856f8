using Collector.Diagnostics;
using Collector.Limits;
using Collector.Model;
using Collector.Pipeline.Ledger;
using Collector.Pipeline.Queue;
using Collector.Pipeline.Streams;
using Collector.Pipeline.Write;
using Collector.Receive.Grpc;
using Collector.Receive.Http;
using Collector.Receive.Otlp;
using Collector.Receive.Request;
using Collector.Receive.Rows;
using Collector.Receive.Tail;
using Collector.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Collector.Tests.Support;

/// <summary>Both ports over a real pipeline and a store of the test's, without sockets.</summary>
internal sealed class TestEndpoints : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly RequestDelegate _grpc;
    private readonly HttpEndpoint _http;
    private readonly IngestQueue _queue;
    private readonly CallerPlaces _places;
    private readonly BatchWriter _writer;

    public TestEndpoints(ILogAppender store, TimeSpan retryWindow = default, params string[] keys)
    {
        var clock = new NoonClock();
        var options = new IngestOptions { RetryWindow = retryWindow };
        var streams = new StreamTracker(Ledger, clock);
        var books = new DeliveryBooks(Ledger, new DedupWindow(retryWindow, clock), streams, clock);
        var spool = new SpoolInbox();
        _queue = new IngestQueue(new QueueOptions(), books, spool.Signal);
        var guard = new ResilientAppender(store, new RetryOptions(), Metrics, clock, NullLogger<ResilientAppender>.Instance);
        var policy = new BatchPolicy(new BatchOptions { AckLinger = TimeSpan.Zero });
        _writer = new BatchWriter(_queue, guard, spool, books, policy, clock, NullLogger<BatchWriter>.Instance);
        var decoder = new OtlpDecoder(new MappingRules(), new LogIdSequence());
        var budget = new ByteBudget(128 << 20, TimeSpan.FromSeconds(5), clock);
        var requests = new RequestHandler(_queue, budget, Ledger, Metrics, clock, options);
        var tail = new TailDecoder(new MappingRules(), new LogIdSequence());
        var limits = new BodyLimits(64 << 20, clock);
        IGrpcMethod[] methods = [new OtlpGrpc(requests, decoder, OtlpSignal.Logs), new OtlpGrpc(requests, decoder, OtlpSignal.Traces)];
        var endpoint = new GrpcEndpoint(methods, limits, Door, Metrics, NullLogger<GrpcEndpoint>.Instance);
        var health = new GrpcHealth(static () => null, endpoint.Services, clock, CancellationToken.None);
        _places = new CallerPlaces(new LimitOptions(), Metrics);
        var grpc = new GrpcApplication(endpoint, new GrpcGate(methods, SomeKeys.Sending(keys), Door, Metrics), new GrpcStreams(_places.Streams, Metrics), health, [], CancellationToken.None);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        grpc.AddServices(builder.Services);
        _app = builder.Build();
        _grpc = grpc.Build(_app);
        _http = new HttpEndpoint(
            [new OtlpHttp(requests, decoder, OtlpSignal.Logs), new OtlpHttp(requests, decoder, OtlpSignal.Traces), new TailHttp(requests, tail, Ledger)],
            SomeKeys.Sending(keys), new Cors(options), Door, limits, Metrics, NullLogger<HttpEndpoint>.Instance);
        _writer.Start();
    }

    public RowLedger Ledger { get; } = new();

    public DoorLedger Door { get; } = new(new NoonClock(), NullLogger<DoorLedger>.Instance);

    public CollectorMetrics Metrics { get; } = new(new NoonClock());

    public LedgerCounts Total => Ledger.Total();

    /// <summary>The gRPC status.</summary>
    public async Task<int> GrpcAsync(
        string path, byte[] body, bool isGzip, string? authorization = null, string? timeout = null, CancellationToken aborted = default)
    {
        var context = Context(path, body, "application/grpc");
        context.RequestAborted = aborted;
        context.Request.Protocol = "HTTP/2";
        context.ServiceScopeFactory = _app.Services.GetRequiredService<IServiceScopeFactory>();
        context.Request.Headers["grpc-timeout"] = timeout;
        var trailers = new TrailersFeature();
        context.Features.Set<IHttpResponseTrailersFeature>(trailers);
        context.Request.Headers["grpc-encoding"] = isGzip ? "gzip" : "identity";
        context.Request.Headers.Authorization = authorization;
        await _grpc(context);
        var status = trailers.Trailers.TryGetValue("grpc-status", out var trailer) ? trailer : context.Response.Headers["grpc-status"];
        return int.Parse(status.ToString(), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>The HTTP status.</summary>
    public async Task<int> HttpAsync(string path, byte[] body, string contentType, string? encoding, string? authorization = null)
    {
        var context = Context(path, body, contentType);
        context.Request.Headers.ContentEncoding = encoding;
        context.Request.Headers.Authorization = authorization;
        await _http.HandleAsync(context);
        return context.Response.StatusCode;
    }

    public Task DrainAsync()
    {
        _queue.Complete();
        // A store that a failed test left closed must not hang the run.
        return _writer.Stopped.WaitAsync(TimeSpan.FromMinutes(1));
    }

    public async ValueTask DisposeAsync()
    {
        await DrainAsync();
        await _app.DisposeAsync();
        _writer.Dispose();
        _places.Dispose();
        Metrics.Dispose();
    }

    private static DefaultHttpContext Context(string path, byte[] body, string contentType)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = "POST";
        context.Request.Path = path;
        context.Request.ContentType = contentType;
        context.Request.ContentLength = body.Length;
        context.Request.Body = new MemoryStream(body);
        context.Response.Body = new MemoryStream();
        return context;
    }

    private sealed class TrailersFeature : IHttpResponseTrailersFeature
    {
        public IHeaderDictionary Trailers { get; set; } = new HeaderDictionary();
    }
}
