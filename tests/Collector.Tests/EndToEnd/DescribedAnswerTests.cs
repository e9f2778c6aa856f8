using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Collector.Commands;
using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

/// <summary>Answers of the real process about real data are exactly what the API's description says.</summary>
public sealed class DescribedAnswerTests : IDisposable
{
    private const ulong Second = 1_000_000_000;

    private readonly Wire _wire = new();

    [Fact]
    public async Task Every_answer_with_data_is_as_described()
    {
        await using var collector = await CollectorProcess.StartAsync("--Storage:SegmentRows=1000");
        await FillAsync(collector);
        var seen = new HashSet<string>(StringComparer.Ordinal);

        foreach (var target in new[]
        {
            "/api/logs?limit=1000", "/api/logs?limit=3", "/api/logs?worker=nobody", "/api/logs/histogram?from=2026-11-23T11:00:00Z&to=2026-11-23T13:00:00Z",
            "/api/logs/histogram?q=call&from=2026-11-23T11:00:00Z&to=2026-11-23T13:00:00Z", "/api/correlations/order-7",
            "/api/metrics?from=2026-11-23T11:00:00Z&to=2026-11-23T13:00:00Z", "/api/metrics?from=2026-11-23T12:00:00Z&to=2026-11-23T12:01:00Z&step=1s",
            "/api/metrics", "/api/workers?from=2026-11-23T11:00:00Z&to=2026-11-23T13:00:00Z", "/api/workers", "/api/ledger", "/api/status", "/api/storage",
            "/metrics", "/healthz", "/readyz", "/openapi/v1.json",
        })
        {
            using var answer = await _wire.Client.GetAsync(new Uri($"http://{collector.Web}{target}"));
            var text = await answer.Content.ReadAsStringAsync();
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, text);
            ApiDocument.Check(target, 200, answer.Content.Headers.ContentType!.MediaType, text);
            seen.Add(target.Split('?')[0]);
        }

        seen.Count.ShouldBe(ApiDocument.Paths.Count() - 1, "all but the live stream, which ends by no answer");
    }

    [Fact]
    public async Task Json_lines_live_events_and_304_are_as_described()
    {
        await using var collector = await CollectorProcess.StartAsync();
        await FillAsync(collector);

        using var lines = new HttpRequestMessage(HttpMethod.Get, $"http://{collector.Web}/api/logs");
        lines.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/x-ndjson"));
        using var rows = await _wire.Client.SendAsync(lines);
        ApiDocument.Check("/api/logs", 200, rows.Content.Headers.ContentType!.MediaType, await rows.Content.ReadAsStringAsync());

        using var first = await _wire.Client.GetAsync(new Uri($"http://{collector.Web}/api/correlations/order-7"));
        using var again = new HttpRequestMessage(HttpMethod.Get, first.RequestMessage!.RequestUri);
        again.Headers.IfNoneMatch.Add(first.Headers.ETag.ShouldNotBeNull());
        using var unchanged = await _wire.Client.SendAsync(again);
        ((int)unchanged.StatusCode).ShouldBe(304);
        ApiDocument.Check("/api/correlations/order-7", 304, unchanged.Content.Headers.ContentType?.MediaType, "");

        await using var live = await LiveClient.OpenAsync(collector, "limit=2");
        await PostAsync(collector, "/v1/logs", OtlpMessage.Logs("burst", [.. Enumerable.Range(0, 4_000).Select(static n => OtlpMessage.Record(Some.Noon, $"{n}"))]));
        var kinds = new HashSet<string>(StringComparer.Ordinal);
        var bound = new LoopBound();
        while (kinds.Count < 3 && bound.Holds())
        {
            var (name, data) = await live.NextAsync();
            ApiDocument.CheckEvent(name, data);
            kinds.Add(name);
        }
    }

    [Fact]
    public void A_member_that_is_not_described_fails()
    {
        const string Status = """{"title":"t","status":400,"detail":"d","more":1}""";
        Should.Throw<ShouldAssertException>(static () => ApiDocument.Check("/api/logs", 400, "application/problem+json", Status));
        Should.Throw<ShouldAssertException>(static () => ApiDocument.Check("/api/logs", 200, "application/json", """{"logs":[],"gaps":[]}"""));
        Should.Throw<ShouldAssertException>(static () => ApiDocument.Check("/api/logs", 418, "application/json", "{}"));
        Should.Throw<ShouldAssertException>(static () => ApiDocument.CheckEvent("skipped", JsonDocument.Parse("""{"count":-1}""").RootElement));
    }

    public void Dispose() => _wire.Dispose();

    // Logs, spans and tail events, with and without what they may have; over more than one segment.
    private async Task FillAsync(CollectorProcess collector)
    {
        var trace = Enumerable.Repeat((byte)0xAB, 16).ToArray();
        await PostAsync(collector, "/v1/logs", OtlpMessage.Logs("shop", [.. Enumerable.Range(0, 1_000).Select(n => OtlpMessage.Record(
            Some.Noon + ((ulong)n * Second), $"record {n}", OtlpMessage.Bytes(9, trace), OtlpMessage.Bytes(10, [1, 2, 3, 4, 5, 6, 7, (byte)((n % 9) + 1)]),
            OtlpMessage.Correlated("order-7"), OtlpMessage.Attribute(6, "request_id", $"req-{n}"), OtlpMessage.Varint(2, (ulong)(n % 24) + 1)))]));
        await PostAsync(collector, "/v1/traces", OtlpMessage.Bytes(1, OtlpMessage.Bytes(1, OtlpMessage.Attribute(1, "service.name", "shop")), OtlpMessage.Bytes(
            2, OtlpMessage.Bytes(2, OtlpMessage.Bytes(1, trace), OtlpMessage.Bytes(2, [1, 1, 1, 1, 1, 1, 1, 1]), OtlpMessage.Bytes(4, [2, 2, 2, 2, 2, 2, 2, 2]),
                OtlpMessage.Text(5, "call"), OtlpMessage.Varint(6, 2), OtlpMessage.Fixed64(7, Some.Noon), OtlpMessage.Fixed64(8, Some.Noon + Second)))));
        var tail = """
            [{"scriptName":"edge","outcome":"exceededCpu","eventTimestamp":1795435200000,"cpuTime":7,"wallTime":31,"event":{"request":{"method":"GET","url":"https://a.example/x"},
            "response":{"status":500}},"logs":[{"level":"warn","message":["slow"],"timestamp":1795435200001}],"exceptions":[{"name":"Error","message":"no","timestamp":1795435200002}]}]
            """u8.ToArray();
        (await _wire.HttpAsync(collector.Http, "/v1/tail", tail, "application/json")).Status.ShouldBe(200);
        (await _wire.HttpAsync(collector.Http, "/v1/logs", [7], "application/x-protobuf")).Status.ShouldBe(400);
    }

    private async Task PostAsync(CollectorProcess collector, string path, byte[] body) =>
        (await _wire.HttpAsync(collector.Http, path, body, "application/x-protobuf")).Status.ShouldBe(200);
}
