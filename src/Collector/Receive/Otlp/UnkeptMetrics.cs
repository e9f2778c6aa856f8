using System.Net;
using Collector.Diagnostics;
using Collector.Pipeline.Ledger;
using Collector.Pipeline.Queue;
using Collector.Receive.Grpc;
using Collector.Receive.Http;
using Collector.Receive.Request;

namespace Collector.Receive.Otlp;

/// <summary>
/// OTLP's Export of metrics, which are not kept. An SDK that sends them as it comes out of the box would log an error each
/// minute if there were no such path: the first export of a sender is answered with what becomes of them, which clients
/// print, and every later one with OK. All are counted at the door.
/// </summary>
internal sealed class UnkeptMetrics(ByteBudget budget, DoorLedger door) : IGrpcMethod, IHttpRoute
{
    private const string Warning = "metrics are not kept by Collector; OTEL_METRICS_EXPORTER=none spares sending them";

    public string Service => "opentelemetry.proto.collector.metrics.v1.MetricsService";

    public string Name => "Export";

    public string Path => "/v1/metrics";

    public RequestSignal Signal => RequestSignal.Metrics;

    public async ValueTask<GrpcAnswer> InvokeAsync(GrpcCall call, CancellationToken cancellation)
    {
        var (result, rejected) = await ReadAsync(call, isJson: false, call.Sender, cancellation);
        return new GrpcAnswer(result, result.IsOk ? OtlpResponse.ToProto(result.Message, rejected) : null);
    }

    public async ValueTask<HttpAnswer> HandleAsync(HttpBody body, ContentKind kind, CancellationToken cancellation)
    {
        var isJson = kind == ContentKind.Json;
        var (result, rejected) = await ReadAsync(body, isJson, body.Sender, cancellation);
        byte[] message = !result.IsOk ? []
            : isJson ? OtlpResponse.ToJson(result.Message, "rejectedDataPoints", rejected)
            : OtlpResponse.ToProto(result.Message, rejected);
        return new HttpAnswer(result, message);
    }

    // It is read although nothing of it is kept: a connection whose request is not read can't be used again.
    private async ValueTask<(ReceiveResult Result, long Rejected)> ReadAsync(
        IRequestBody body, bool isJson, IPAddress? sender, CancellationToken cancellation)
    {
        var lease = new ByteLease(budget);
        try
        {
            var (result, message) = await body.ReadAsync(lease, cancellation);
            if (!result.IsOk)
            {
                return (result, 0);
            }

            using (message)
            {
                if (MetricPoints.Count(message!.Written, isJson) is not { } points)
                {
                    return (ReceiveResult.BadData("the body is no request of metrics"), 0);
                }

                var isFirst = door.TurnAway(DoorReason.Metrics, sender, $"{points} points of metrics");
                return isFirst && points > 0 ? (new ReceiveResult(ReceiveStatus.Ok, Warning), points) : (ReceiveResult.Ok, 0);
            }
        }
        finally
        {
            lease.Settle();
        }
    }
}
