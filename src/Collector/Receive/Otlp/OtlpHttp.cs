using Collector.Diagnostics;
using Collector.Receive.Http;
using Collector.Receive.Request;

namespace Collector.Receive.Otlp;

/// <summary>OTLP's Export over HTTP: one path for each signal.</summary>
internal sealed class OtlpHttp(RequestHandler handler, OtlpDecoder decoder, OtlpSignal signal) : IHttpRoute
{
    private readonly OtlpRequest _protobuf = new(decoder, signal, isJson: false);
    private readonly OtlpRequest _json = new(decoder, signal, isJson: true);

    public string Path => signal == OtlpSignal.Logs ? "/v1/logs" : "/v1/traces";

    public RequestSignal Signal => signal.ToLabel();

    public async ValueTask<HttpAnswer> HandleAsync(HttpBody body, ContentKind kind, CancellationToken cancellation)
    {
        var isJson = kind == ContentKind.Json;
        var result = await handler.HandleAsync(isJson ? _json : _protobuf, body, cancellation);
        byte[] message = !result.IsOk ? []
            : isJson ? OtlpResponse.ToJson(result.Message, signal == OtlpSignal.Logs ? "rejectedLogRecords" : "rejectedSpans", result.Rejected)
            : OtlpResponse.ToProto(result.Message, result.Rejected);
        return new HttpAnswer(result, message);
    }
}
