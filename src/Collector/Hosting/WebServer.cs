using System.Net;
using Collector.Live;
using Collector.Query;
using Collector.Storage;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Collector.Hosting;

/// <summary>The port for people and programs that ask: the dashboard, the API and the health answers.</summary>
internal sealed class WebServer : IAsyncDisposable
{
    // Every filter at its longest, in three-byte characters and percent-encoded, is 56 KB.
    private const int MaxRequestLineBytes = 64 * 1024;

    private readonly WebApplication _app;
    private readonly QueryGates _gates;
    private readonly LiveHub _live;
    private readonly RowEvents _events = new();
    private readonly HostNames _hosts;
    private readonly IPEndPoint _endpoint;
    private readonly Observability _observed;
    private readonly TimeProvider _clock;

    public WebServer(CollectorOptions options, ILogReader reader, ILogRetainer retainer, Observability observed, TimeProvider clock, ILoggerFactory logs)
    {
        _endpoint = options.Listen.Web;
        _hosts = new HostNames(options.Listen.WebHosts);
        _observed = observed;
        _clock = clock;
        _gates = new QueryGates(options.Query, clock);
        _live = new LiveHub(new LiveArrivals(reader, logs.CreateLogger<LiveHub>()), _events.Write, clock);
        // Empty, since the usual builders watch the working folder for changed settings: with the data below it, each
        // write there woke a thread, which cost 6 % of all CPU.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { Args = [] });
        builder.Services.AddRoutingCore();
        builder.Services.AddLogging();
        builder.Services.RemoveAll<ILoggerFactory>();
        builder.Services.AddSingleton(logs);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            RefusalAnswers.AddTo(kestrel, MaxRequestLineBytes, clock);
            kestrel.Listen(_endpoint);
        });
        _app = builder.Build();
        _app.Use(Guard);
        var routes = new WebRoutes(_app, observed.Metrics, clock, logs.CreateLogger<WebRoutes>());
        MapHealth(routes);
        MapApi(routes, reader, new StorageEndpoint(retainer, options.Retention));
        DashboardEndpoint.Map(_app);
        // The usual pattern of a fallback leaves out paths that look like files.
        _app.MapFallback("{**path}", static context => Problem.NoSuchPath(context.Request.Path).WriteAsync(context));
    }

    public IPEndPoint Address { get; private set; } = new(IPAddress.Loopback, 0);

    public async Task StartAsync(CancellationToken cancellation)
    {
        _observed.Tasks.Start("the live stream", _live.RunAsync);
        await _app.StartAsync(cancellation);
        var url = new Uri(_app.Urls.First());
        Address = new IPEndPoint(_endpoint.Address, url.Port);
    }

    public Task StopAsync(CancellationToken cancellation)
    {
        // These answers end only by themselves.
        _live.Stop();
        return _app.StopAsync(cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _gates.Dispose();
        _events.Dispose();
    }

    private Task Guard(HttpContext context, RequestDelegate next)
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        context.Response.Headers.CacheControl = "no-store";
        var host = context.Request.Host.Host;
        // Health probes come by whatever name, and tell nothing.
        return _hosts.Knows(host) || context.Request.Path.Value is "/healthz" or "/readyz"
            ? next(context)
            : Problem.UnknownHost(host, HostNames.Legal).WriteAsync(context);
    }

    private void MapHealth(WebRoutes routes)
    {
        routes.MapProbe("/healthz", static () => null, "ok\n");
        routes.MapProbe("/readyz", _observed.WhyNotReady, "ready\n");
    }

    private void MapApi(WebRoutes routes, ILogReader reader, StorageEndpoint storage)
    {
        var gaps = new GapSearch(reader, _observed.Ledger);
        routes.Map("/api/logs", "logs", new LogsEndpoint(reader, gaps, _gates.Searches, _clock).HandleAsync);
        routes.Map(CorrelationEndpoint.Prefix + "{**id}", "correlations", new CorrelationEndpoint(reader, gaps, _gates.Lookups, _clock).HandleAsync);
        routes.Map("/api/logs/histogram", "histogram", new HistogramEndpoint(reader, gaps, _gates.Searches, _clock).HandleAsync);
        routes.Map("/api/metrics", "figures", new MetricsEndpoint(reader, gaps, _gates.Searches, _clock).HandleAsync);
        routes.Map("/api/workers", "workers", new WorkersEndpoint(reader, _gates.Searches, _clock).HandleAsync);
        routes.Map("/api/live", "live", new LiveEndpoint(reader, _live, _gates, _clock).HandleAsync);
        routes.Map("/api/ledger", "ledger", Parameterless.Only(new LedgerEndpoint(_observed.Ledger).HandleAsync));
        routes.Map("/api/storage", "storage", Parameterless.Only(storage.HandleAsync));
        routes.Map("/api/status", "status", Parameterless.Only(new StatusEndpoint(_observed.Status).HandleAsync));
        routes.Map("/openapi/v1.json", "openapi", Parameterless.Only(OpenApiEndpoint.HandleAsync));
        routes.Map("/metrics", "metrics", new PrometheusEndpoint(_observed.Prometheus).HandleAsync);
    }
}
