using Collector.Diagnostics;
using Collector.Receive.Http;
using Collector.Receive.Request;

namespace Collector.Receive.Otlp;

/// <summary>OTLP's Export over HTTP: one path for each signal.</summary>
internal sealed class OtlpHttp(OtlpExport export, OtlpSignal signal) : IHttpRoute
{
    public string Path => signal == OtlpSignal.Logs ? "/v1/logs" : "/v1/traces";

    public RequestSignal Signal => signal.ToLabel();

    public async ValueTask<HttpAnswer> HandleAsync(HttpBody body, ContentKind kind, CancellationToken cancellation)
    {
        var isJson = kind == ContentKind.Json;
        var result = await export.ExportAsync(signal, isJson, body, cancellation);
        byte[] message = !result.IsOk ? []
            : isJson ? StatusMessage.ResponseJson(result.Message)
            : StatusMessage.ResponseProto(result.Message);
        return new HttpAnswer(result, message);
    }
}
