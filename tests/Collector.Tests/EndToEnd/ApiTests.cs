using System.Net;
using System.Text.Json;
using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

/// <summary>Questions to the real process.</summary>
public sealed class ApiTests(RunningCollector running) : IClassFixture<RunningCollector>, IDisposable
{
    private const ulong Noon = 1_795_435_200_000_000_000;
    private const ulong Second = 1_000_000_000;
    private static readonly byte[] _error = OtlpMessage.Varint(2, 17);

    private readonly Wire _wire = new();
    private readonly CollectorProcess _collector = running.Process;

    [Fact]
    public async Task Filters_combine()
    {
        await SendAsync("filters-a", [.. Enumerable.Range(0, 10).Select(i => OtlpMessage.Record(Noon + ((ulong)i * Second), $"a{i}", i % 2 == 0 ? _error : []))]);
        await SendAsync("filters-b", OtlpMessage.Record(Noon, "b0", _error));

        (await MessagesAsync("worker=filters-a&level=error")).ShouldBe(["a8", "a6", "a4", "a2", "a0"]);
        (await MessagesAsync("worker=filters-a&level=error&order=asc&limit=2")).ShouldBe(["a0", "a2"]);
        (await MessagesAsync("worker=filters-a&from=2026-11-23T12:00:03Z&to=2026-11-23T12:00:06Z")).ShouldBe(["a5", "a4", "a3"]);
        (await MessagesAsync("worker=filters-a&from=2026-11-23T12:00:03Z&level=error&order=asc")).ShouldBe(["a4", "a6", "a8"]);
        (await MessagesAsync("worker=nobody")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Pages_neither_repeat_nor_skip_while_rows_arrive()
    {
        await SendAsync("pages", [.. Enumerable.Range(0, 50).Select(i => OtlpMessage.Record(Noon + ((ulong)(i / 5) * Second), $"{i:00}"))]);
        var seen = new List<string>();
        string? cursor = null;
        var bound = new LoopBound();
        do
        {
            var page = await _collector.GetJsonAsync("/api/logs?worker=pages&order=asc&limit=7" + (cursor is null ? "" : $"&cursor={cursor}"));
            seen.AddRange(page.GetProperty("logs").EnumerateArray().Select(row => row.GetProperty("message").GetString()!));
            cursor = page.GetProperty("next_cursor").GetString();
            // In the middle of everything, late and new ones.
            await SendAsync("pages", OtlpMessage.Record(Noon, "late"), OtlpMessage.Record(Noon + (60 * Second), "new"));
        }
        while (cursor is not null && bound.Holds());

        seen.ShouldBe(Enumerable.Range(0, 50).Select(i => $"{i:00}"));
    }

    [Theory]
    [InlineData("level=loud", "level", "debug, info, warn, error")]
    [InlineData("limit=0", "limit", "1 to 1000")]
    [InlineData("limit=1001", "limit", "1 to 1000")]
    [InlineData("limit=ten", "limit", "1 to 1000")]
    [InlineData("from=yesterday", "from", "ISO-8601")]
    [InlineData("trace_id=xyz", "trace_id", "32 or 16 hexadecimal digits")]
    [InlineData("order=up", "order", "desc or asc")]
    [InlineData("cursor=abc", "cursor", "next_cursor")]
    [InlineData("worker=a&worker=b", "worker", "one value")]
    [InlineData("wrker=a", "wrker", "legal are")]
    public async Task A_wrong_parameter_is_a_problem_that_names_it_and_what_is_legal(string query, string parameter, string legal)
    {
        var answer = await _wire.HttpAsync(_collector.Web, "/api/logs?" + query, [], null, method: "GET");

        answer.Status.ShouldBe(400);
        var problem = JsonDocument.Parse(answer.Text).RootElement;
        problem.GetProperty("parameter").GetString().ShouldBe(parameter);
        problem.GetProperty("detail").GetString().ShouldNotBeNull().ShouldContain(legal);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("with space and ünïcode 世界")]
    [InlineData("sl/ash?and=query&more#hash%25")]
    [InlineData("'; DROP TABLE tail_logs; --")]
    [InlineData("100%_wild*card")]
    public async Task Any_text_can_be_a_correlation_id(string id)
    {
        await SendAsync("odd-ids", OtlpMessage.Record(Noon, "found", OtlpMessage.Correlated(id)));

        var answer = await _collector.GetJsonAsync("/api/correlations/" + Uri.EscapeDataString(id));

        answer.GetProperty("correlation_id").GetString().ShouldBe(id);
        answer.GetProperty("logs").GetArrayLength().ShouldBe(1);
        (await MessagesAsync("correlation_id=" + Uri.EscapeDataString(id))).ShouldBe(["found"]);
    }

    [Fact]
    public async Task A_correlation_answers_with_its_closure_oldest_first()
    {
        var trace = Enumerable.Repeat((byte)0xAB, 16).ToArray();
        var traceId = Convert.ToHexStringLower(trace);
        await SendAsync("closure",
            OtlpMessage.Record(Noon + 2, "of the trace", OtlpMessage.Bytes(9, trace)),
            OtlpMessage.Record(Noon + 1, "named and of the trace", OtlpMessage.Bytes(9, trace), OtlpMessage.Correlated("order-7")),
            OtlpMessage.Record(Noon + 3, "named only", OtlpMessage.Correlated("order-7"), _error),
            OtlpMessage.Record(Noon, "a stranger"));

        var answer = await _collector.GetJsonAsync("/api/correlations/order-7");

        answer.GetProperty("logs").EnumerateArray().Select(row => row.GetProperty("message").GetString())
            .ShouldBe(["named and of the trace", "of the trace", "named only"]);
        answer.GetProperty("trace_ids").EnumerateArray().Select(id => id.GetString()).ShouldBe([traceId]);
        answer.GetProperty("workers").EnumerateArray().Select(name => name.GetString()).ShouldBe(["closure"]);
        answer.GetProperty("error_count").GetInt32().ShouldBe(1);
        answer.GetProperty("started_at").GetString().ShouldBe("2026-11-23T12:00:00.000000001Z");
        answer.GetProperty("ended_at").GetString().ShouldBe("2026-11-23T12:00:00.000000003Z");
        (await _collector.GetJsonAsync($"/api/correlations/{traceId.ToUpperInvariant()}")).GetProperty("logs").GetArrayLength().ShouldBe(2);
    }

    [Fact]
    public async Task What_is_not_there_is_404_as_a_problem()
    {
        foreach (var path in new[] { "/api/correlations/never-seen", "/api/nothing", "/nothing" })
        {
            var answer = await _wire.HttpAsync(_collector.Web, path, [], null, method: "GET");
            answer.Status.ShouldBe((int)HttpStatusCode.NotFound, path);
            JsonDocument.Parse(answer.Text).RootElement.GetProperty("status").GetInt32().ShouldBe(404);
        }
    }

    [Fact]
    public async Task Health_is_told()
    {
        (await _wire.HttpAsync(_collector.Web, "/healthz", [], null, method: "GET")).Status.ShouldBe(200);
        (await _wire.HttpAsync(_collector.Web, "/readyz", [], null, method: "GET")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task The_ledger_balances_by_producer_and_gives_reasons()
    {
        await SendAsync("ledger", OtlpMessage.Record(Noon, "one"), OtlpMessage.Record(Noon, "two"));
        await _wire.GrpcAsync(_collector.Grpc, Wire.LogsMethod, Wire.Frame([0x07]));

        var ledger = await _collector.GetJsonAsync("/api/ledger");

        var producers = ledger.GetProperty("producers").EnumerateArray().ToDictionary(p => p.GetProperty("worker_name").GetString()!);
        producers["ledger"].GetProperty("stored").GetInt64().ShouldBe(2);
        producers["unknown-worker"].GetProperty("reasons").GetProperty("undecodable").GetInt64().ShouldBeGreaterThanOrEqualTo(1);
        ledger.GetProperty("total").GetProperty("in_flight").GetInt64().ShouldBe(0);
    }

    public void Dispose() => _wire.Dispose();

    private async Task SendAsync(string worker, params byte[][] records)
    {
        var reply = await _wire.GrpcAsync(_collector.Grpc, Wire.LogsMethod, Wire.Frame(OtlpMessage.Logs(worker, records)));
        reply.Status.ShouldBe(0, reply.Message);
    }

    private async Task<List<string>> MessagesAsync(string query) =>
        [.. (await _collector.GetJsonAsync("/api/logs?" + query)).GetProperty("logs").EnumerateArray().Select(row => row.GetProperty("message").GetString()!)];
}
