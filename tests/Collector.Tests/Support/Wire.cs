using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;

namespace Collector.Tests.Support;

/// <summary>What came back from a gRPC call made by hand.</summary>
internal sealed record GrpcReply(int Http, int? Status, string? Message, byte[] Details, byte[] Body, bool IsDuplicate, string? AcceptEncoding);

/// <summary>Requests made by hand, byte for byte, so that they can be wrong.</summary>
internal sealed class Wire : IDisposable
{
    public const string LogsMethod = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";
    public const string TracesMethod = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

    private readonly HttpClient _client = new(new SocketsHttpHandler { EnableMultipleHttp2Connections = true }) { Timeout = TimeSpan.FromMinutes(2) };

    /// <summary>For requests that need nothing made by hand.</summary>
    public HttpClient Client => _client;

    /// <summary>A frame: flag, length, message.</summary>
    public static byte[] Frame(ReadOnlySpan<byte> message, byte flag = 0, uint? length = null)
    {
        var frame = new byte[5 + message.Length];
        frame[0] = flag;
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), length ?? (uint)message.Length);
        message.CopyTo(frame.AsSpan(5));
        return frame;
    }

    public static byte[] Gzip(ReadOnlySpan<byte> data)
    {
        using var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Fastest))
        {
            gzip.Write(data);
        }

        return target.ToArray();
    }

    public Task<GrpcReply> GrpcAsync(
        IPEndPoint address, string path, byte[] body, string contentType = "application/grpc", params (string Name, string Value)[] headers) =>
        GrpcAsync(address, path, new ByteArrayContent(body), CancellationToken.None, contentType, headers);

    public async Task<GrpcReply> GrpcAsync(
        IPEndPoint address, string path, HttpContent body, CancellationToken cancellation, string contentType = "application/grpc",
        params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"http://{address}{path}"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = body,
        };
        request.Content.Headers.TryAddWithoutValidation("content-type", contentType);
        request.Headers.TryAddWithoutValidation("te", "trailers");
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await _client.SendAsync(request, cancellation);
        var content = await response.Content.ReadAsByteArrayAsync(cancellation);
        var status = Find(response, "grpc-status");
        var details = Find(response, "grpc-status-details-bin");
        return new GrpcReply(
            (int)response.StatusCode,
            status is null ? null : int.Parse(status, CultureInfo.InvariantCulture),
            Find(response, "grpc-message") is { } message ? Uri.UnescapeDataString(message) : null,
            details is null ? [] : Convert.FromBase64String(details),
            content,
            Find(response, "collector-duplicate") == "true",
            Find(response, "grpc-accept-encoding"));
    }

    public async Task<(int Status, string Text, HttpResponseHeaders Headers)> HttpAsync(
        IPEndPoint address, string path, byte[] body, string? contentType, string? encoding = null, string method = "POST",
        params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri($"http://{address}{path}"));
        if (method != "GET")
        {
            request.Content = new ByteArrayContent(body);
            if (contentType is not null)
            {
                request.Content.Headers.TryAddWithoutValidation("content-type", contentType);
            }

            if (encoding is not null)
            {
                request.Content.Headers.TryAddWithoutValidation("content-encoding", encoding);
            }
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await _client.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers);
    }

    public void Dispose() => _client.Dispose();

    private static string? Find(HttpResponseMessage response, string name) =>
        response.TrailingHeaders.TryGetValues(name, out var trailers) ? trailers.First()
        : response.Headers.TryGetValues(name, out var headers) ? headers.First()
        : null;
}
