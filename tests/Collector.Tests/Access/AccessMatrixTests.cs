using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Collector.Access;
using Collector.Model;
using Collector.Tests.Support;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;

namespace Collector.Tests.Access;

/// <summary>Each kind of key at each face of a real Collector.</summary>
public sealed class AccessMatrixTests : IAsyncLifetime
{
    private const string Method = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";

    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private CollectorProcess _collector = null!;

    public async Task InitializeAsync() => _collector = await CollectorProcess.StartAsync(
    [
        .. Settings(0, SomeKeys.Entry("sender", "secret-send", Rights.Send)),
        .. Settings(1, SomeKeys.Entry("reader", "secret-read", Rights.Read)),
        .. Settings(2, SomeKeys.Entry("admin", "secret-admin", Rights.Admin)),
        .. Settings(3, SomeKeys.Entry("old", "secret-old", Rights.Send | Rights.Read)), $"--Auth:Keys:3:Expires={DateTimeOffset.UtcNow.AddDays(-1):O}",
        .. Settings(4, SomeKeys.Entry("shop", "secret-shop", Rights.Send)), "--Auth:Keys:4:Services=shop-*",
    ]);

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _collector.DisposeAsync();
    }

    [Theory]
    [InlineData(null, 401, 401, 16)]
    [InlineData("wrong", 401, 401, 16)]
    [InlineData("secret-send", 403, 200, 0)]
    [InlineData("secret-read", 200, 403, 7)]
    [InlineData("secret-admin", 200, 403, 7)]
    [InlineData("secret-old", 401, 401, 16)]
    public async Task A_key_opens_what_its_rights_say(string? key, int reading, int sending, int grpc)
    {
        string[] questions =
        [
            "/api/logs", "/api/correlations/x", "/api/logs/histogram", "/api/metrics?from=1h", "/api/workers", "/api/ledger", "/api/storage",
            "/api/status", "/metrics", "/openapi/v1.json", "/nothing",
        ];
        foreach (var path in questions)
        {
            var expected = reading == 200 && path is "/nothing" or "/api/correlations/x" && reading == 200 ? 404 : reading;
            (await GetAsync(path, key)).ShouldBe(expected, $"{path} with {key}");
        }

        (await GetAsync("/logs", key)).ShouldBe(reading is 403 ? 401 : reading, "a page");
        (await LiveAsync(key)).ShouldBe(reading);
        foreach (var path in new[] { "/v1/logs", "/v1/traces", "/v1/tail" })
        {
            // What has the right gets as far as its body, which is none.
            (await PostAsync(path, "[", key)).ShouldBe(sending == 200 ? 400 : sending, path);
        }

        (await PostAsync("/v1/logs", Logs("any"), key)).ShouldBe(sending);
        (await ExportAsync(key)).ShouldBe((StatusCode)grpc);
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    [InlineData("/login")]
    public async Task Probes_and_the_login_need_no_key(string path)
    {
        (await GetAsync(path, key: null)).ShouldBe(200);
        using var channel = GrpcChannel.ForAddress($"http://{_collector.Grpc}");
        (await new Health.HealthClient(channel).CheckAsync(new HealthCheckRequest())).Status.ShouldBe(HealthCheckResponse.Types.ServingStatus.Serving);
    }

    [Fact]
    public async Task Who_may_send_for_some_services_has_the_rows_of_others_rejected_and_its_own_kept()
    {
        using var mixed = await SendAsync("/v1/logs", $"{{\"resourceLogs\":[{Resource("shop-eu")},{Resource("bank")}]}}", "secret-shop");
        mixed.StatusCode.ShouldBe(HttpStatusCode.OK);
        var answer = await mixed.Content.ReadAsStringAsync();
        answer.ShouldContain("\"rejectedLogRecords\":\"1\"");
        answer.ShouldContain("may not speak for");

        using var foreign = await SendAsync("/v1/logs", Logs("bank"), "secret-shop");
        foreign.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await foreign.Content.ReadAsStringAsync()).ShouldContain("shop-*");

        using var logs = JsonDocument.Parse(await ReadAsync("/api/logs"));
        logs.RootElement.GetProperty("logs").EnumerateArray().Select(static row => row.GetProperty("worker_name").GetString()).ShouldBe(["shop-eu"]);
        using var ledger = JsonDocument.Parse(await ReadAsync("/api/ledger"));
        var total = ledger.RootElement.GetProperty("total");
        total.GetProperty("rejected").GetInt64().ShouldBe(2);
        total.GetProperty("received").GetInt64().ShouldBe(3);
        (await ReadAsync("/api/ledger")).ShouldContain("foreign_service");
    }

    [Fact]
    public async Task Who_is_turned_away_is_counted_with_the_remedy_and_no_secret_is_told()
    {
        await GetAsync("/api/logs", "a-wrong-secret");
        await PostAsync("/v1/logs", Logs("any"), "another-wrong-secret");
        var ledger = await ReadAsync("/api/ledger");
        ledger.ShouldContain("unauthenticated");
        ledger.ShouldContain("collector keys");
        var all = _collector.Log + ledger + await ReadAsync("/api/status") + await ReadAsync("/metrics");
        all.ShouldNotContain("wrong-secret");
        all.ShouldNotContain("secret-read");
        using var status = JsonDocument.Parse(await ReadAsync("/api/status"));
        var keys = status.RootElement.GetProperty("access").GetProperty("keys").EnumerateArray().ToArray();
        keys.Select(static key => key.GetProperty("name").GetString()).ShouldBe(["sender", "reader", "admin", "old", "shop"]);
        keys[1].GetProperty("uses").GetInt64().ShouldBeGreaterThan(2);
        keys[1].GetProperty("last_used_at").GetString().ShouldNotBeNull();
        keys[3].GetProperty("last_used_at").GetString().ShouldBeNull();
    }

    private static string[] Settings(int place, KeyEntry entry) =>
        [$"--Auth:Keys:{place}:Name={entry.Name}", $"--Auth:Keys:{place}:Sha256={entry.Sha256}", $"--Auth:Keys:{place}:Rights={entry.Rights.ToText()}"];

    private static string Logs(string service) => $"{{\"resourceLogs\":[{Resource(service)}]}}";

    private static string Resource(string service) =>
        $$$"""{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"{{{service}}}"}}]},"scopeLogs":[{"logRecords":[{"body":{"stringValue":"of {{{service}}}"}}]}]}""";

    private async Task<int> GetAsync(string path, string? key)
    {
        using var request = Request(HttpMethod.Get, $"http://{_collector.Web}{path}", key);
        using var response = await _client.SendAsync(request);
        return (int)response.StatusCode;
    }

    private async Task<string> ReadAsync(string path)
    {
        using var request = Request(HttpMethod.Get, $"http://{_collector.Web}{path}", "secret-read");
        using var response = await _client.SendAsync(request);
        return await response.Content.ReadAsStringAsync();
    }

    private async Task<int> LiveAsync(string? key)
    {
        using var request = Request(HttpMethod.Get, $"http://{_collector.Web}/api/live", key);
        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return (int)response.StatusCode;
    }

    private async Task<int> PostAsync(string path, string body, string? key)
    {
        using var response = await SendAsync(path, body, key);
        return (int)response.StatusCode;
    }

    private async Task<HttpResponseMessage> SendAsync(string path, string body, string? key)
    {
        using var request = Request(HttpMethod.Post, $"http://{_collector.Http}{path}", key);
        request.Content = new StringContent(body, new MediaTypeHeaderValue("application/json"));
        return await _client.SendAsync(request);
    }

    private async Task<StatusCode> ExportAsync(string? key)
    {
        using var channel = GrpcChannel.ForAddress($"http://{_collector.Grpc}");
        var bytes = Marshallers.Create(static (byte[] message) => message, static message => message);
        var parts = Method.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var method = new Method<byte[], byte[]>(MethodType.Unary, parts[0], parts[1], bytes, bytes);
        Metadata headers = key is null ? [] : new Metadata { { "authorization", $"Bearer {key}" } };
        var body = OtlpMessage.Logs("any", OtlpMessage.Record(Timestamps.ToNanos(DateTimeOffset.UtcNow), "text"));
        using var call = channel.CreateCallInvoker().AsyncUnaryCall(method, null, new CallOptions(headers), body.ToArray());
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

    private static HttpRequestMessage Request(HttpMethod method, string url, string? key)
    {
        var request = new HttpRequestMessage(method, url);
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        return request;
    }
}
