using System.Text;
using System.Text.Json;
using Collector.Tests.Receive.Otlp;
using Collector.Tests.Receive.Tail;
using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

/// <summary>Tail events to the real process, over HTTP.</summary>
public sealed class TailHttpTests(RunningCollector running) : IClassFixture<RunningCollector>, IDisposable
{
    private const string Path = "/v1/tail";
    private const string Json = "application/json";

    private readonly Wire _wire = new();
    private readonly CollectorProcess _collector = running.Process;

    [Fact]
    public async Task A_tail_call_is_stored_and_its_repeat_is_known()
    {
        var body = Wire.Gzip(TailItems.Read("structured"));

        var first = await _wire.HttpAsync(_collector.Http, Path, body, Json, "gzip");
        var second = await _wire.HttpAsync(_collector.Http, Path, body, Json, "gzip");

        first.Status.ShouldBe(200);
        first.Text.ShouldBe("""{"accepted":1,"rejected":0,"reasons":[]}""");
        second.Text.ShouldBe(first.Text);
        second.Headers.GetValues("collector-duplicate").ShouldBe(["true"]);
        var found = await _collector.GetJsonAsync("/api/correlations/corr-7f3a");
        Messages(found)[..3].ShouldBe(["GET /structured 201", "order placed", "stock low"]);
        Messages(found).Length.ShouldBe(9);
    }

    [Fact]
    public async Task Bad_items_are_in_the_ledger_and_an_array_of_them_stores_nothing()
    {
        var before = await RejectedAsync();

        var answer = await _wire.HttpAsync(_collector.Http, Path, "[1,null]"u8.ToArray(), Json);

        answer.Status.ShouldBe(200);
        JsonDocument.Parse(answer.Text).RootElement.GetProperty("rejected").GetInt32().ShouldBe(2);
        (await RejectedAsync()).ShouldBe(before + 2);
    }

    [Theory]
    [InlineData("[", Json, 400, "not valid JSON at offset 1")]
    [InlineData("{}", Json, 400, "a JSON array of trace items is expected")]
    [InlineData("", "application/x-protobuf", 415, "application/json")]
    public async Task What_is_no_tail_call_is_told_why(string body, string type, int status, string why)
    {
        var answer = await _wire.HttpAsync(_collector.Http, Path, Encoding.UTF8.GetBytes(body), type);

        answer.Status.ShouldBe(status);
        answer.Text.ShouldContain(why);
    }

    [Fact]
    public async Task A_workers_request_and_the_service_that_it_called_are_one_closure()
    {
        const string trace = "0af7651916cd43dd8448eb211c80319c";
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var tail = $$$"""
            [{"scriptName":"edge","eventTimestamp":{{{now}}},"outcome":"ok","logs":[{"message":["calling"],"level":"log","timestamp":{{{now + 1}}}}],
            "event":{"request":{"url":"https://a/buy","method":"POST","headers":{ "x-correlation-id":"both-worlds",
            "traceparent":"00-{{{trace}}}-b7ad6b7169203331-01"} },"response":{"status":200} } }]
            """;
        var span = Otel.Span("buy", kind: 2).Bytes(1, Convert.FromHexString(trace)).Bytes(2, Convert.FromHexString("00f067aa0ba902b7"));

        (await _wire.HttpAsync(_collector.Http, Path, Encoding.UTF8.GetBytes(tail), Json)).Status.ShouldBe(200);
        (await _wire.HttpAsync(_collector.Http, "/v1/traces", Otel.Request(span), "application/x-protobuf")).Status.ShouldBe(200);

        foreach (var id in new[] { "both-worlds", trace })
        {
            var found = await _collector.GetJsonAsync($"/api/correlations/{id}");
            Messages(found).ShouldBe(["buy", "POST /buy 200", "calling"], ignoreOrder: true);
            found.GetProperty("workers").EnumerateArray().Select(worker => worker.GetString()).ShouldBe(["edge", "shop"], ignoreOrder: true);
        }
    }

    public void Dispose() => _wire.Dispose();

    private static string[] Messages(JsonElement found) =>
        [.. found.GetProperty("logs").EnumerateArray().Select(row => row.GetProperty("message").GetString()!)];

    private async Task<long> RejectedAsync() =>
        (await _collector.GetJsonAsync("/api/ledger")).GetProperty("total").GetProperty("rejected").GetInt64();
}
