using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Collector.Model;
using Collector.Tests.Support;
using Grpc.Core;
using Grpc.Net.Client;

namespace Collector.Tests.Access;

/// <summary>TLS at all listeners of a real Collector, with certificates of an authority of the test's own.</summary>
public sealed class TlsTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private SomeCertificates _certificates = null!;

    public Task InitializeAsync()
    {
        _certificates = new SomeCertificates(_folder.Path);
        _certificates.Renew();
        return Task.CompletedTask;
    }

    public Task DisposeAsync()
    {
        _certificates.Dispose();
        _folder.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task All_listeners_speak_TLS_in_both_versions_of_HTTP()
    {
        await using var collector = await StartAsync();
        using var client = new HttpClient(_certificates.Handler());

        foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            (await AskAsync(client, $"https://{collector.Web}/readyz", version)).ShouldBe(HttpStatusCode.OK);
            (await PostAsync(client, $"https://{collector.Http}/v1/logs", version)).ShouldBe(HttpStatusCode.OK);
            (await PostAsync(client, $"https://{collector.Grpc}/v1/logs", version)).ShouldBe(HttpStatusCode.OK);
        }

        (await ExportAsync(collector.Grpc, _certificates.Handler())).ShouldBe(StatusCode.OK);
        (await ExportAsync(collector.Http, _certificates.Handler())).ShouldBe(StatusCode.OK);

        // The commands of the same settings trust the certificate of these settings.
        var sent = await CollectorCommand.RunAsync(
            "send-test", "--url", $"https://{collector.Web}", "--grpc", $"https://{collector.Grpc}", "--http", $"https://{collector.Http}", $"--Tls:Certificate={_certificates.Certificate}", $"--Tls:Key={_certificates.Key}");
        sent.ExitCode.ShouldBe(0, sent.Output + sent.Errors);
    }

    [Fact]
    public async Task Who_speaks_the_other_way_is_told_and_counted()
    {
        await using var collector = await StartAsync();
        using var client = new HttpClient(_certificates.Handler());
        foreach (var port in new[] { collector.Grpc, collector.Http, collector.Web })
        {
            using var plain = new HttpClient();
            using var answer = await plain.GetAsync($"http://{port}/");
            answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
            (await answer.Content.ReadAsStringAsync()).ShouldContain("https://");
        }

        (await client.GetStringAsync($"https://{collector.Web}/api/ledger")).ShouldContain("\"wrong_scheme\":3");

        await using var open = await CollectorProcess.StartAsync();
        await Should.ThrowAsync<HttpRequestException>(() => client.GetAsync($"https://{open.Http}/"));
        using var asking = new HttpClient();
        (await asking.GetStringAsync($"http://{open.Web}/api/ledger")).ShouldContain("\"wrong_scheme\":1");
    }

    [Fact]
    public async Task Producers_show_a_certificate_of_the_authority_where_one_is_asked_for_and_readers_none()
    {
        using var other = new TemporaryFolder();
        using var others = new SomeCertificates(other.Path);
        using var known = _certificates.Sign("producer");
        using var unknown = others.Sign("producer");
        await using var collector = await StartAsync($"--Tls:ClientCa={_certificates.Ca}");

        using var producer = new HttpClient(_certificates.Handler(known));
        (await PostAsync(producer, $"https://{collector.Http}/v1/logs", HttpVersion.Version11)).ShouldBe(HttpStatusCode.OK);
        (await ExportAsync(collector.Grpc, _certificates.Handler(known))).ShouldBe(StatusCode.OK);

        foreach (var handler in new[] { _certificates.Handler(), _certificates.Handler(unknown) })
        {
            using var stranger = new HttpClient(handler);
            await Should.ThrowAsync<HttpRequestException>(() => PostAsync(stranger, $"https://{collector.Http}/v1/logs", HttpVersion.Version11));
            (await AskAsync(stranger, $"https://{collector.Web}/readyz", HttpVersion.Version11)).ShouldBe(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task A_certificate_is_renewed_under_load_without_a_refused_request_and_a_broken_one_changes_nothing()
    {
        await using var collector = await StartAsync();
        var seen = "";
        using var client = new HttpClient(_certificates.Handler(seen: serial => seen = serial));
        var url = $"https://{collector.Http}/v1/logs";
        (await PostAsync(client, url, HttpVersion.Version11)).ShouldBe(HttpStatusCode.OK);
        var first = seen;
        var renewed = _certificates.Renew();
        renewed.ShouldNotBe(first);
        await Eventually.IsSoAsync(
            async () =>
            {
                (await PostAsync(client, url, HttpVersion.Version11)).ShouldBe(HttpStatusCode.OK);
                return seen == renewed;
            },
            () => $"{seen} is shown");

        await File.WriteAllTextAsync(_certificates.Certificate, "no certificate");
        await Eventually.IsSoAsync(
            async () =>
            {
                (await PostAsync(client, url, HttpVersion.Version11)).ShouldBe(HttpStatusCode.OK);
                return collector.Log.Contains("can't be used any more", StringComparison.Ordinal);
            },
            static () => "nothing is logged");
        seen.ShouldBe(renewed);
    }

    [Theory]
    [InlineData("no-such-file.pem", "server.key", "no-such-file.pem")]
    [InlineData("ca.pem", "server.key", "Tls:Certificate")]
    [InlineData("server.pem", "", "Tls:Key: a file is needed")]
    public async Task A_file_that_can_not_be_used_is_named_at_the_start(string certificate, string key, string said)
    {
        var keyFile = key.Length > 0 ? _folder.File(key) : "";
        var (exitCode, log) = await CollectorProcess.RunToExitAsync(
            Directory.CreateDirectory(_folder.File("data")).FullName, $"--Tls:Certificate={_folder.File(certificate)}", $"--Tls:Key={keyFile}");
        exitCode.ShouldNotBe(0);
        log.ShouldContain(said);
    }

    [Fact]
    public async Task What_a_proxy_that_ended_TLS_passes_on_is_taken()
    {
        await using var collector = await CollectorProcess.StartAsync();
        using var socket = new TcpClient();
        await socket.ConnectAsync(collector.Grpc);
        await using var stream = socket.GetStream();

        // HEADERS with :scheme https, as Envoy sends it over cleartext; HPACK without compression.
        await stream.WriteAsync(Http2Headers((":method", "POST"), (":scheme", "https"), (":path", "/grpc.health.v1.Health/Check"),
            (":authority", "logs"), ("content-type", "application/grpc"), ("te", "trailers")));
        var answer = new byte[4096];
        var read = 0;
        var bound = new LoopBound(TimeSpan.FromSeconds(20));
        while (!Encoding.ASCII.GetString(answer, 0, read).Contains("application/grpc", StringComparison.Ordinal) && bound.Holds())
        {
            read += await stream.ReadAsync(answer.AsMemory(read));
        }
    }

    private static byte[] Http2Headers(params (string Name, string Value)[] headers)
    {
        List<byte> block = [];
        foreach (var (name, value) in headers)
        {
            block.AddRange([0, (byte)name.Length, .. Encoding.ASCII.GetBytes(name), (byte)value.Length, .. Encoding.ASCII.GetBytes(value)]);
        }

        return
        [
            .. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 0, 4, 0, 0, 0, 0, 0,
            0, (byte)(block.Count >> 8), (byte)block.Count, 1, 4, 0, 0, 0, 1, .. block,
            // An empty message, and the end.
            0, 0, 5, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0,
        ];
    }

    private static async Task<HttpStatusCode> AskAsync(HttpClient client, string url, Version version)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url) { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var response = await client.SendAsync(request);
        return response.StatusCode;
    }

    private static async Task<HttpStatusCode> PostAsync(HttpClient client, string url, Version version)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Content = new StringContent("{}", new MediaTypeHeaderValue("application/json"));
        using var response = await client.SendAsync(request);
        return response.StatusCode;
    }

    private static async Task<StatusCode> ExportAsync(IPEndPoint address, SocketsHttpHandler handler)
    {
        using var channel = GrpcChannel.ForAddress($"https://{address}", new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
        var bytes = Marshallers.Create(static (byte[] message) => message, static message => message);
        var method = new Method<byte[], byte[]>(MethodType.Unary, "opentelemetry.proto.collector.logs.v1.LogsService", "Export", bytes, bytes);
        var body = OtlpMessage.Logs("tls", OtlpMessage.Record(Timestamps.ToNanos(DateTimeOffset.UtcNow), "text"));
        using var call = channel.CreateCallInvoker().AsyncUnaryCall(method, null, default, body.ToArray());
        try
        {
            await call.ResponseAsync;
            return StatusCode.OK;
        }
        catch (RpcException error)
        {
            return error.StatusCode;
        }
    }

    private Task<CollectorProcess> StartAsync(params string[] settings) =>
        CollectorProcess.StartAsync([$"--Tls:Certificate={_certificates.Certificate}", $"--Tls:Key={_certificates.Key}", .. settings]);
}
