using System.Net;
using Collector.Access;
using Collector.Diagnostics;
using Collector.Limits;
using Collector.Live;
using Collector.Pipeline.Ledger;
using Collector.Query;
using Collector.Storage;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Collector.Hosting;

/// <summary>The port for people and programs that ask: the dashboard, the API and the health answers.</summary>
internal sealed class WebServer(
    CollectorOptions options, ILogReader reader, ILogRetainer retainer, LiveHub live, CallerPlaces places, ListenerPlaces connections,
    TrustedProxies proxies, AccessRule reading, KeyRing keys, Tls tls, Observability observed, TimeProvider clock, ILoggerFactory logs)
    : IAsyncDisposable
{
    // Kestrel refuses a longer line without a body; up to here the answer names the parameter that is too long.
    private const int MaxRequestLineBytes = 2 * RequestTarget.MaxBytes;

    // Questions have no bodies: a connection's buffer needs room for a request's line and headers only.
    private const int MaxReadBufferBytes = 2 * MaxRequestLineBytes;

    private const double MinAnswerRate = 4 * 1024;

    private static readonly TimeSpan _answerGrace = TimeSpan.FromSeconds(5);

    private readonly HostNames _hosts = new(options.Listen.WebHosts);
    private readonly QueryGates _gates = new(options.Query, options.Limits, places.Answers, observed.Metrics, clock);
    private readonly WebAccess _access = new(reading, keys, observed.Door, clock);
    private WebApplication? _app;
    private LoginEndpoint? _login;

    public IPEndPoint Address { get; private set; } = new(IPAddress.Loopback, 0);

    public async Task StartAsync(CancellationToken cancellation)
    {
        var app = Build();
        _app = app;
        observed.Tasks.Start("the live stream", live.RunAsync);
        await app.StartAsync(cancellation);
        Address = new IPEndPoint(options.Listen.Web.Address, new Uri(app.Urls.First()).Port);
    }

    public async Task StopAsync(CancellationToken cancellation)
    {
        // The answers of live readers end only when the hub stops.
        live.Stop();
        await (_app?.StopAsync(cancellation) ?? Task.CompletedTask);
    }

    public async ValueTask DisposeAsync()
    {
        await (_app?.DisposeAsync() ?? ValueTask.CompletedTask);
        _login?.Dispose();
        _gates.Dispose();
    }

    private WebApplication Build()
    {
        // Empty, since the other builders watch the working folder for changed settings: with the data below it, each
        // write there woke a thread, which cost 6 % of all CPU.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { Args = [] });
        builder.Services.AddRoutingCore();
        builder.Services.AddLogging();
        builder.Services.RemoveAll<ILoggerFactory>();
        builder.Services.AddSingleton(logs);
        builder.Services.AddResponseCompression(static compression => compression.MimeTypes = [ApiJson.ContentType]);
        builder.WebHost.UseKestrelCore().UseSockets(static sockets => sockets.MaxReadBufferSize = MaxReadBufferBytes).ConfigureKestrel(Configure);
        connections.AddTo(builder.Services);
        Sessions.Add(builder.Services, options.Auth.SessionAge, KeysFile.FolderIn(options.Storage.Path), clock);
        var app = builder.Build();
        app.Use(next => proxies.Before(next, logs));
        app.Use(Guard);
        app.Use(_access.InvokeAsync);
        // The stream of events is never compressed, and costs less CPU without the middleware's own pipe around it.
        app.UseWhen(
            static context => !context.Request.Path.StartsWithSegments(LiveEndpoint.Path),
            static branch => branch.UseResponseCompression());
        var routes = new WebRoutes(app, observed.Metrics, clock, logs.CreateLogger<WebRoutes>());
        MapHealth(routes);
        MapApi(routes);
        _login = new LoginEndpoint(reading, _access, observed.Door);
        _login.Map(app);
        DashboardEndpoint.Map(routes);
        // The default pattern of a fallback leaves out paths that look like files.
        app.MapFallback("{**path}", NoSuchPath);
        return app;
    }

    private void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestLineSize = MaxRequestLineBytes;
        // Of a caller that reads more slowly the answer is cut: at the usual 240 bytes a second one that reads nothing would
        // keep a megabyte for an hour.
        kestrel.Limits.MinResponseDataRate = new MinDataRate(MinAnswerRate, _answerGrace);
        kestrel.AllowAlternateSchemes = true;
        kestrel.Listen(options.Listen.Web, listen =>
        {
            tls.AddTo(listen, asksProducers: false);
            listen.AnswerRefused(HttpProtocols.Http1, clock);
            listen.Use(next => connection => HandleAsync(connection, next));
        });
    }

    private async Task HandleAsync(ConnectionContext connection, ConnectionDelegate http)
    {
        switch (await Preface.ReadAsync(connection, clock))
        {
            case Spoken.Http1:
                await http(connection);
                break;
            case Spoken.Http2 when tls.IsOn:
                // Browsers speak it with TLS.
                await http(connection);
                break;
            case Spoken.Http2:
                // Without TLS only who sends rows by gRPC does, and has the wrong port.
                observed.Door.TurnAway(
                    DoorReason.WrongPort, (connection.RemoteEndPoint as IPEndPoint)?.Address, "HTTP/2 came to the port of questions");
                await RefusedConnection.AnswerHttp2Async(connection, DoorReason.WrongPort.Remedy(), clock);
                break;
            case Spoken.Tls:
                tls.TurnAway(connection);
                break;
        }
    }

    private Task Guard(HttpContext context, RequestDelegate next)
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        context.Response.Headers.CacheControl = "no-store";
        var host = context.Request.Host.Host;
        // Health probes use any name, and their answers reveal nothing.
        var isProbe = context.Request.Path.Value is "/healthz" or "/readyz";
        if (!isProbe && !_hosts.Knows(host))
        {
            observed.Door.TurnAway(DoorReason.WrongHost, context.Connection.RemoteIpAddress, $"it asks for '{host}'");
            return Problem.UnknownHost(host, HostNames.Legal).WriteAsync(context);
        }

        var problem = isProbe ? null : CrossSite.ProblemOf(context.Request, DashboardEndpoint.IsPage(context.Request.Path) || LoginEndpoint.IsPage(context.Request.Path));
        problem ??= RequestTarget.ProblemOf(context);
        return problem?.WriteAsync(context) ?? next(context);
    }

    // Rows that come to the port of questions are those of a producer that is set up wrongly, which nobody would notice.
    private Task NoSuchPath(HttpContext context)
    {
        var isOfRows = context.Request.Path.Value?.Contains("/v1/", StringComparison.Ordinal) == true
            || context.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) == true;
        if (!HttpMethods.IsPost(context.Request.Method) || !isOfRows)
        {
            return Problem.NoSuchPath(context.Request.Path).WriteAsync(context);
        }

        observed.Door.TurnAway(DoorReason.WrongPort, context.Connection.RemoteIpAddress, $"POST {context.Request.Path} came to the port of questions");
        return Problem.WrongPort(DoorReason.WrongPort.Remedy()).WriteAsync(context);
    }

    private void MapHealth(WebRoutes routes)
    {
        routes.MapProbe("/healthz", static () => null, "ok\n");
        routes.MapProbe("/readyz", observed.WhyNotReady, "ready\n");
    }

    private void MapApi(WebRoutes routes)
    {
        var gaps = new GapSearch(reader);
        routes.Map("/api/logs", "logs", new LogsEndpoint(reader, gaps, _gates.Searches, clock).Create());
        routes.Map(CorrelationEndpoint.Path + "/{**id}", "correlations", new CorrelationEndpoint(reader, gaps, _gates.Lookups, clock).Create());
        routes.Map("/api/logs/histogram", "histogram", new HistogramEndpoint(reader, gaps, _gates.Searches, clock).Create());
        routes.Map("/api/metrics", "figures", new MetricsEndpoint(reader, gaps, _gates.Searches, clock).Create());
        routes.Map("/api/workers", "workers", new WorkersEndpoint(reader, _gates.Searches, clock).Create());
        routes.Map(LiveEndpoint.Path, "live", new LiveEndpoint(reader, live, places.LiveReaders, _gates, clock).Create());
        routes.Map("/api/ledger", "ledger", LedgerEndpoint.Create(observed.Ledger, observed.Door));
        routes.Map("/api/storage", "storage", StorageEndpoint.Create(retainer, options.Retention));
        routes.Map("/api/status", "status", StatusEndpoint.Create(observed.Status));
        routes.Map("/openapi/v1.json", "openapi", ApiEndpoint.WithoutParameters(OpenApiEndpoint.HandleAsync));
        routes.Map("/metrics", "metrics", WritePrometheusAsync);
    }

    private Task WritePrometheusAsync(HttpContext context)
    {
        context.Response.ContentType = PrometheusExporter.ContentType;
        return context.Response.WriteAsync(observed.Prometheus.Write(), context.RequestAborted);
    }
}
