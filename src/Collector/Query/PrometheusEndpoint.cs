using Collector.Diagnostics;

namespace Collector.Query;

/// <summary><c>GET /metrics</c>: the instruments in Prometheus' text format.</summary>
internal sealed class PrometheusEndpoint(PrometheusExporter exporter)
{
    public Task HandleAsync(HttpContext context)
    {
        context.Response.ContentType = PrometheusExporter.ContentType;
        return context.Response.WriteAsync(exporter.Write(), context.RequestAborted);
    }
}
