using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

/// <summary>What clients take for granted of any HTTP server.</summary>
public sealed class HttpHabitsTests(RunningCollector running) : IClassFixture<RunningCollector>, IDisposable
{
    private const string Protobuf = "application/x-protobuf";

    private readonly Wire _wire = new();
    private readonly CollectorProcess _collector = running.Process;

    [Theory]
    [InlineData("/api/logs")]
    [InlineData("/api/logs?limit=none")]
    [InlineData("/api/logs/histogram")]
    [InlineData("/api/correlations/nobody")]
    [InlineData("/api/metrics")]
    [InlineData("/api/workers")]
    [InlineData("/api/ledger")]
    [InlineData("/api/storage")]
    [InlineData("/api/status")]
    [InlineData("/api/nothing")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/metrics")]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    [InlineData("/")]
    [InlineData("/logs")]
    [InlineData("/health")]
    public async Task HEAD_is_answered_as_GET_without_a_body(string path)
    {
        using var get = await SendAsync(HttpMethod.Get, path);
        using var head = await SendAsync(HttpMethod.Head, path);

        (head.StatusCode, head.Content.Headers.ContentType).ShouldBe((get.StatusCode, get.Content.Headers.ContentType));
        (await head.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task HEAD_of_what_has_no_end_is_answered_at_once()
    {
        using var live = await SendAsync(HttpMethod.Head, "/api/live");
        (live.StatusCode, live.Content.Headers.ContentType!.MediaType).ShouldBe((HttpStatusCode.OK, "text/event-stream"));

        using var lines = await SendAsync(HttpMethod.Head, "/api/logs", ("Accept", "application/x-ndjson"));
        (lines.StatusCode, lines.Content.Headers.ContentType!.MediaType).ShouldBe((HttpStatusCode.OK, "application/x-ndjson"));
    }

    [Fact]
    public async Task A_tag_that_is_known_is_found_weak_strong_in_a_list_or_as_any()
    {
        await StoreAsync("tagged");
        foreach (var path in new[] { "/api/correlations/tagged", "/" })
        {
            using var first = await SendAsync(HttpMethod.Get, path);
            if (first.Headers.ETag is not { } tag)
            {
                // Built without its dashboard.
                continue;
            }

            foreach (var known in new[] { $"W/{tag.Tag}", tag.Tag, $"\"x\", W/\"y,z\", {tag.Tag}", "*" })
            {
                using var again = await SendAsync(HttpMethod.Get, path, ("If-None-Match", known));
                again.StatusCode.ShouldBe(HttpStatusCode.NotModified, $"{path}: {known}");
                again.Headers.ETag!.Tag.ShouldBe(tag.Tag);
            }

            foreach (var other in new[] { "\"x\"", "W/\"x\", \"y\"", tag.Tag.Trim('"') })
            {
                using var again = await SendAsync(HttpMethod.Get, path, ("If-None-Match", other));
                again.StatusCode.ShouldBe(HttpStatusCode.OK, $"{path}: {other}");
            }
        }

        using var nobody = await SendAsync(HttpMethod.Get, "/api/correlations/nobody", ("If-None-Match", "*"));
        nobody.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a%2Fb")]
    [InlineData("100% + more")]
    [InlineData("ü ☃")]
    [InlineData("a?b=c#d&e")]
    [InlineData("http://host/path//end/")]
    public async Task An_id_of_any_characters_is_found_by_its_encoded_form(string id)
    {
        await StoreAsync(id);

        var answer = await _collector.GetJsonAsync("/api/correlations/" + Uri.EscapeDataString(id));

        answer.GetProperty("correlation_id").GetString().ShouldBe(id);
        answer.GetProperty("logs").GetArrayLength().ShouldBe(1);
    }

    [Theory]
    [InlineData("/api/logs")]
    [InlineData("/api/logs/histogram")]
    [InlineData("/api/metrics")]
    [InlineData("/api/workers")]
    [InlineData("/api/live")]
    public async Task A_range_that_ends_before_it_begins_and_a_lost_plus_are_problems_of_one_form(string path)
    {
        foreach (var (query, parameter, said) in new[]
        {
            ("from=1h&to=2h", "from", "before that of the parameter to"),
            ("from=2026-01-01T00:00:00+01:00", "from", "%2B"),
            ("from=2026-01-01T00:00:00.5+0100&to=1m", "from", "%2B"),
            ("to=2026-01-01T00:00:00 02:00", "to", "%2B"),
            ("from=yesterday", "from", "ISO-8601"),
        })
        {
            using var answer = await SendAsync(HttpMethod.Get, $"{path}?{query}");

            answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest, query);
            answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
            var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
            problem.EnumerateObject().Select(static member => member.Name).ShouldBe(["title", "status", "detail", "parameter"], ignoreOrder: true);
            problem.GetProperty("parameter").GetString().ShouldBe(parameter, query);
            problem.GetProperty("detail").GetString().ShouldNotBeNull().ShouldContain(said);
        }
    }

    [Theory]
    [InlineData("ffffffffffffffff")]
    [InlineData("ffffffffffffffffffffffff")]
    [InlineData("80000000")]
    [InlineData("-1")]
    [InlineData("zz")]
    [InlineData("0x10")]
    [InlineData("")]
    public async Task A_chunk_size_that_is_none_is_the_senders_mistake(string size)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(_collector.Http);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Type: {Protobuf}\r\nTransfer-Encoding: chunked\r\n\r\n{size}\r\nabc\r\n"));

        using var reader = new StreamReader(stream, Encoding.ASCII);
        (await reader.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(1))).ShouldNotBeNull().ShouldStartWith("HTTP/1.1 4");
    }

    [Fact]
    public async Task A_chunk_size_beyond_64_bits_is_400_and_not_to_be_sent_again()
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(_collector.Http);
        var stream = socket.GetStream();
        await stream.WriteAsync("POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"u8.ToArray());

        using var reader = new StreamReader(stream, Encoding.ASCII);
        (await reader.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(1))).ShouldBe("HTTP/1.1 400 Bad Request");
    }

    public void Dispose() => _wire.Dispose();

    private async Task StoreAsync(string id)
    {
        var body = OtlpMessage.Logs("habits", OtlpMessage.Record(1_795_435_200_000_000_000, "text", OtlpMessage.Correlated(id)));
        (await _wire.HttpAsync(_collector.Http, "/v1/logs", body, Protobuf)).Status.ShouldBe(200);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri($"http://{_collector.Web}{path}"));
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await _wire.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}
