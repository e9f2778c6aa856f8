using Collector.Diagnostics;
using Collector.Receive.Grpc;
using Collector.Receive.Request;

namespace Collector.Receive.Otlp;

/// <summary>OTLP's Export over gRPC: one service for each signal.</summary>
internal sealed class OtlpGrpc(RequestHandler handler, OtlpDecoder decoder, OtlpSignal signal) : IGrpcMethod
{
    private readonly OtlpRequest _request = new(decoder, signal, isJson: false);

    public string Service => signal == OtlpSignal.Logs
        ? "opentelemetry.proto.collector.logs.v1.LogsService"
        : "opentelemetry.proto.collector.trace.v1.TraceService";

    public string Name => "Export";

    public RequestSignal Signal => signal.ToLabel();

    public async ValueTask<GrpcAnswer> InvokeAsync(GrpcCall call, CancellationToken cancellation)
    {
        var result = await handler.HandleAsync(_request, call, cancellation);
        return new GrpcAnswer(result, result.IsOk ? OtlpResponse.ToProto(result.Message, result.Rejected) : null);
    }
}
