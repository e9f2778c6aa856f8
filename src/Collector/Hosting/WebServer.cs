using System.Net;
using Collector.Diagnostics;
using Collector.Live;
using Collector.Pipeline.Ledger;
using Collector.Query;
using Collector.Storage;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Collector.Hosting;

/// <summary>The port for people and programs that ask: the dashboard, the API and the health answers.</summary>
internal sealed class WebServer(
    CollectorOptions options, ILogReader reader, ILogRetainer retainer, Observability observed, TimeProvider clock, ILoggerFactory logs)
    : IAsyncDisposable
{
    // Kestrel refuses a longer line without a body; up to here the answer names the parameter that is too long.
    private const int MaxRequestLineBytes = 2 * RequestTarget.MaxBytes;

    // Questions have no bodies: a connection's buffer needs room for a request's line and headers only.
    private const int MaxReadBufferBytes = 2 * MaxRequestLineBytes;

    private readonly HostNames _hosts = new(options.Listen.WebHosts);
    private readonly QueryGates _gates = new(options.Query, clock);
    private readonly RowEvents _events = new();
    private WebApplication? _app;
    private LiveHub? _live;

    public IPEndPoint Address { get; private set; } = new(IPAddress.Loopback, 0);

    public async Task StartAsync(CancellationToken cancellation)
    {
        var live = new LiveHub(new LiveArrivals(reader, logs.CreateLogger<LiveHub>()), _events.Write, clock);
        var app = Build(live);
        (_app, _live) = (app, live);
        observed.Tasks.Start("the live stream", live.RunAsync);
        await app.StartAsync(cancellation);
        Address = new IPEndPoint(options.Listen.Web.Address, new Uri(app.Urls.First()).Port);
    }

    public async Task StopAsync(CancellationToken cancellation)
    {
        // The answers of live readers end only when the hub stops.
        _live?.Stop();
        await (_app?.StopAsync(cancellation) ?? Task.CompletedTask);
    }

    public async ValueTask DisposeAsync()
    {
        await (_app?.DisposeAsync() ?? ValueTask.CompletedTask);
        _gates.Dispose();
        _events.Dispose();
    }

    private WebApplication Build(LiveHub live)
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
        var app = builder.Build();
        app.Use(Guard);
        // The stream of events is never compressed, and costs less CPU without the middleware's own pipe around it.
        app.UseWhen(
            static context => !context.Request.Path.StartsWithSegments(LiveEndpoint.Path),
            static branch => branch.UseResponseCompression());
        var routes = new WebRoutes(app, observed.Metrics, clock, logs.CreateLogger<WebRoutes>());
        MapHealth(routes);
        MapApi(routes, live);
        DashboardEndpoint.Map(app);
        // The default pattern of a fallback leaves out paths that look like files.
        app.MapFallback("{**path}", NoSuchPath);
        return app;
    }

    private void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestLineSize = MaxRequestLineBytes;
        kestrel.Listen(options.Listen.Web);
    }

    private Task Guard(HttpContext context, RequestDelegate next)
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        context.Response.Headers.CacheControl = "no-store";
        var host = context.Request.Host.Host;
        // Health probes use any name, and their answers reveal nothing.
        var isKnown = _hosts.Knows(host) || context.Request.Path.Value is "/healthz" or "/readyz";
        if (!isKnown)
        {
            observed.Door.TurnAway(DoorReason.WrongHost, context.Connection.RemoteIpAddress, $"it asks for '{host}'");
        }

        var problem = isKnown ? RequestTarget.ProblemOf(context) : Problem.UnknownHost(host, HostNames.Legal);
        return problem?.WriteAsync(context) ?? next(context);
    }

    // Rows that come to the port of questions are those of a producer that is set up wrongly, which nobody would notice.
    private Task NoSuchPath(HttpContext context)
    {
        if (!HttpMethods.IsPost(context.Request.Method) || context.Request.Path.StartsWithSegments("/api"))
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

    private void MapApi(WebRoutes routes, LiveHub live)
    {
        var gaps = new GapSearch(reader);
        routes.Map("/api/logs", "logs", new LogsEndpoint(reader, gaps, _gates.Searches, clock).Create());
        routes.Map(CorrelationEndpoint.Path + "/{**id}", "correlations", new CorrelationEndpoint(reader, gaps, _gates.Lookups, clock).Create());
        routes.Map("/api/logs/histogram", "histogram", new HistogramEndpoint(reader, gaps, _gates.Searches, clock).Create());
        routes.Map("/api/metrics", "figures", new MetricsEndpoint(reader, gaps, _gates.Searches, clock).Create());
        routes.Map("/api/workers", "workers", new WorkersEndpoint(reader, _gates.Searches, clock).Create());
        routes.Map(LiveEndpoint.Path, "live", new LiveEndpoint(reader, live, _gates, clock).Create());
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
