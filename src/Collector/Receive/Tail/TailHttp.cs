using Collector.Diagnostics;
using Collector.Pipeline.Ledger;
using Collector.Receive.Http;
using Collector.Receive.Request;

namespace Collector.Receive.Tail;

/// <summary>Tail events over HTTP, as a tail worker's <c>JSON.stringify(events)</c> writes them.</summary>
internal sealed class TailHttp(RequestHandler handler, TailDecoder decoder, RowLedger ledger) : IHttpRoute
{
    public string Path => "/v1/tail";

    public RequestSignal Signal => RequestSignal.Tail;

    public async ValueTask<HttpAnswer> HandleAsync(HttpBody body, ContentKind kind, CancellationToken cancellation)
    {
        if (kind != ContentKind.Json)
        {
            return new HttpAnswer(
                new ReceiveResult(ReceiveStatus.WrongContentType, "tail events come as application/json only"), []);
        }

        var request = new TailRequest(decoder, ledger);
        var result = await handler.HandleAsync(request, body, cancellation);
        return new HttpAnswer(result, result.IsOk ? request.Report.ToJson() : []);
    }
}
