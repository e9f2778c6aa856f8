using System.Net;
using System.Net.Http.Headers;

namespace Collector.Commands;

/// <summary>Sends one record over one protocol; null where it was acknowledged, else what went wrong.</summary>
internal sealed class TestSender(Uri grpc, Uri http, string? key, HttpMessageHandler handler) : IDisposable
{
    private const string Logs = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";
    private const string Tail = "/collector.tail.v1.TailService/Send";

    private readonly HttpClient _client = new(handler) { Timeout = TimeSpan.FromSeconds(15) };

    /// <summary>The protocols, with where each goes.</summary>
    public IReadOnlyList<(string Protocol, Uri Address, Func<TestRecord, CancellationToken, Task<string?>> SendAsync)> Ways =>
    [
        ("OTLP/gRPC", grpc, (record, cancellation) => TryAsync(Grpc(Logs, record.Protobuf()), GrpcFault, cancellation)),
        ("OTLP/HTTP protobuf", http, (record, cancellation) => TryAsync(Http("/v1/logs", record.Protobuf(), "application/x-protobuf"), HttpFaultAsync, cancellation)),
        ("OTLP/HTTP JSON", http, (record, cancellation) => TryAsync(Http("/v1/logs", record.Json(), "application/json"), HttpFaultAsync, cancellation)),
        ("tail events/gRPC", grpc, (record, cancellation) => TryAsync(Grpc(Tail, record.TailBatch()), GrpcFault, cancellation)),
        ("tail events/HTTP", http, (record, cancellation) => TryAsync(Http("/v1/tail", record.TailItems(), "application/json"), HttpFaultAsync, cancellation)),
    ];

    public void Dispose() => _client.Dispose();

    private async Task<string?> TryAsync(
        HttpRequestMessage request, Func<HttpResponseMessage, CancellationToken, Task<string?>> fault, CancellationToken cancellation)
    {
        if (key is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        try
        {
            using var response = await _client.SendAsync(request, cancellation);
            return await fault(response, cancellation);
        }
        catch (HttpRequestException error)
        {
            return error.Message;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return $"no answer within {_client.Timeout.TotalSeconds:0} s";
        }
    }

    private HttpRequestMessage Grpc(string method, byte[] message)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(grpc, method))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(TestRecord.GrpcFrame(message)),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Headers.Add("te", "trailers");
        return request;
    }

    private HttpRequestMessage Http(string path, byte[] body, string type)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(http, path)) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        return request;
    }

    private static Task<string?> GrpcFault(HttpResponseMessage response, CancellationToken cancellation)
    {
        var status = Find(response, "grpc-status");
        return Task.FromResult(status switch
        {
            "0" => null,
            null => $"HTTP {(int)response.StatusCode} without a gRPC status",
            _ => $"gRPC status {status}: {Uri.UnescapeDataString(Find(response, "grpc-message") ?? "")}",
        });
    }

    private static async Task<string?> HttpFaultAsync(HttpResponseMessage response, CancellationToken cancellation) =>
        response.IsSuccessStatusCode ? null : $"HTTP {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellation)}";

    // In the trailers, or in the headers where there was nothing else to say.
    private static string? Find(HttpResponseMessage response, string name) =>
        response.TrailingHeaders.TryGetValues(name, out var trailers) ? trailers.First()
        : response.Headers.TryGetValues(name, out var headers) ? headers.First()
        : null;
}
