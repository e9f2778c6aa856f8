using Collector.Diagnostics;
using Collector.Receive.Grpc;
using Collector.Receive.Request;

namespace Collector.Receive.Otlp;

/// <summary>OTLP's Export over gRPC: one method for each signal.</summary>
internal sealed class OtlpGrpc(OtlpExport export, OtlpSignal signal) : IGrpcMethod
{
    public string Path => signal == OtlpSignal.Logs
        ? "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
        : "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

    public RequestSignal Signal => signal.ToLabel();

    public async ValueTask<GrpcAnswer> InvokeAsync(GrpcCall call, CancellationToken cancellation)
    {
        var result = await export.ExportAsync(signal, isJson: false, call, cancellation);
        return new GrpcAnswer(result, result.IsOk ? StatusMessage.ResponseProto(result.Message) : []);
    }
}
