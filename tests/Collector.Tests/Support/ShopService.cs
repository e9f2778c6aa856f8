using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Collector.Tests.Support;

/// <summary>
/// A web service as people write them, ASP.NET Core with OpenTelemetry's SDK, which sends what it does to Collector. A
/// caller's traceparent is taken up by the framework, its x-correlation-id by a scope of the log.
/// </summary>
internal sealed partial class ShopService : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TracerProvider _tracing;
    private readonly ILoggerFactory _logging;

    private ShopService(WebApplication app, TracerProvider tracing, ILoggerFactory logging)
    {
        _app = app;
        _tracing = tracing;
        _logging = logging;
    }

    public string Address => _app.Urls.Single();

    public static async Task<ShopService> StartAsync(CollectorProcess collector)
    {
        var resource = ResourceBuilder.CreateEmpty().AddService("shop", autoGenerateServiceInstanceId: false);
        var endpoint = new Uri($"http://{collector.Grpc}");
        var tracing = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource("Microsoft.AspNetCore")
            .AddOtlpExporter(otlp => otlp.Endpoint = endpoint).Build();
        var logging = LoggerFactory.Create(log => log.AddOpenTelemetry(otel =>
        {
            otel.IncludeScopes = true;
            otel.SetResourceBuilder(resource).AddOtlpExporter(otlp => otlp.Endpoint = endpoint);
        }));
        var app = WebApplication.CreateSlimBuilder().Build();
        app.Urls.Add("http://127.0.0.1:0");
        var orders = logging.CreateLogger("Shop.Orders");
        app.MapPost("/", (HttpRequest request) =>
        {
            using var scope = orders.BeginScope(new Dictionary<string, object> { ["correlation_id"] = request.Headers["x-correlation-id"].ToString() });
            Activity.Current!.DisplayName = "POST /";
            OrderPlaced(orders);
            return "placed";
        });
        await app.StartAsync();
        return new ShopService(app, tracing, logging);
    }

    /// <summary>Waits until all is sent.</summary>
    public async Task ExportAsync()
    {
        // The span ends a moment after its answer has arrived.
        await _app.StopAsync();
        _tracing.ForceFlush().ShouldBeTrue();
        _logging.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _tracing.Dispose();
        _logging.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Order placed")]
    private static partial void OrderPlaced(ILogger log);
}
