using System.Net;
using Collector.Live;
using Collector.Query;
using Collector.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Collector.Hosting;

/// <summary>The port for people and programs that ask: the dashboard, the API and the health answers.</summary>
internal sealed class WebFace : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly QueryGate _gate;
    private readonly LiveHub _live;
    private readonly HostNames _hosts;
    private readonly IPEndPoint _endpoint;
    private readonly Observability _observed;
    private readonly TimeProvider _clock;

    public WebFace(CollectorOptions options, ILogReader reader, ILogRetainer retainer, Observability observed, TimeProvider clock, ILoggerFactory logs)
    {
        _endpoint = options.Listen.Web;
        _hosts = new HostNames(options.Listen.WebHosts);
        _observed = observed;
        _clock = clock;
        _gate = new QueryGate(options.Query, clock);
        _live = new LiveHub(new LiveArrivals(reader, logs.CreateLogger<LiveHub>()), LiveEndpoint.Event, clock);
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
            kestrel.Listen(_endpoint);
        });
        _app = builder.Build();
        _app.Use(Guard);
        MapHealth();
        MapApi(reader, new StorageEndpoint(retainer, options.Retention));
        DashboardFace.Map(_app);
        _app.MapFallback(static context => Problem.NoSuchPath(context.Request.Path).WriteAsync(context));
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
        _gate.Dispose();
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

    private void MapHealth()
    {
        _app.MapGet("/healthz", static (HttpContext context) => context.Response.WriteAsync("ok\n"));
        _app.MapGet("/readyz", (HttpContext context) =>
        {
            var reason = _observed.WhyNotReady();
            context.Response.StatusCode = reason is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
            return context.Response.WriteAsync((reason ?? "ready") + "\n");
        });
    }

    private void MapApi(ILogReader reader, StorageEndpoint storage)
    {
        var gaps = new GapSearch(reader, _observed.Ledger);
        Map("/api/logs", "logs", new LogsEndpoint(reader, gaps, _gate, _clock).HandleAsync);
        Map(CorrelationEndpoint.Prefix + "{**id}", "correlations", new CorrelationEndpoint(reader, gaps, _gate, _clock).HandleAsync);
        Map("/api/logs/histogram", "histogram", new HistogramEndpoint(reader, gaps, _gate, _clock).HandleAsync);
        Map("/api/metrics", "figures", new FiguresEndpoint(reader, gaps, _gate, _clock).HandleAsync);
        Map("/api/workers", "workers", new WorkersEndpoint(reader, _gate, _clock).HandleAsync);
        Map("/api/live", "live", new LiveEndpoint(reader, _live, _gate, _clock).HandleAsync);
        Map("/api/ledger", "ledger", new LedgerEndpoint(_observed.Ledger).HandleAsync);
        Map("/api/storage", "storage", storage.HandleAsync);
        Map("/api/status", "status", new StatusEndpoint(_observed.Status).HandleAsync);
        Map("/metrics", "metrics", new MetricsEndpoint(_observed.Prometheus).HandleAsync);
    }

    // Failures take their time too.
    private void Map(string path, string name, RequestDelegate handler) => _app.MapGet(path, async context =>
    {
        var since = _clock.GetTimestamp();
        try
        {
            await handler(context);
        }
        finally
        {
            _observed.Metrics.QueryEnded(_clock.GetElapsedTime(since), name);
        }
    });
}
