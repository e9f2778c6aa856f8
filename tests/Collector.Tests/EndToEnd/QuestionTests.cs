using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

/// <summary>Filters, figures and streams of the API, asked of the real process.</summary>
public sealed class QuestionTests(RunningCollector running) : IClassFixture<RunningCollector>, IDisposable
{
    private const ulong Second = 1_000_000_000;

    private readonly Wire _wire = new();
    private readonly HttpClient _http = new();
    private readonly CollectorProcess _collector = running.Process;

    [Theory]
    [InlineData("attr.size>=3", "s3 s4")]
    [InlineData("attr.size%3E%3D3", "s3 s4")]
    [InlineData("attr.size>3", "s4")]
    [InlineData("attr.size<1", "s0")]
    [InlineData("attr.size<=1", "s0 s1")]
    [InlineData("attr.size=2.0", "s2")]
    [InlineData("attr.size>1&attr.size<4", "s2 s3")]
    [InlineData("attr.http.route=/a/{id}", "s0 s2 s4")]
    [InlineData("attr.http.route=%2Fa%2F%7Bid%7D&attr.size>0", "s2 s4")]
    [InlineData("attr.zone=north", "s0 s1 s2 s3 s4")]
    [InlineData("attr.zone=south", "")]
    [InlineData("q=WEIß", "s1 s3")]
    [InlineData("q=S4", "s4")]
    [InlineData("q=%25", "s0 s2 s4")]
    [InlineData("q=s_4", "")]
    [InlineData("q=say \"hi\"", "s0 s1 s2 s3 s4")]
    [InlineData("kind=log", "s0 s1 s2 s3 s4")]
    [InlineData("kind=span", "")]
    [InlineData("outcome=ok", "")]
    [InlineData("wall_time_ms>=1", "")]
    [InlineData("request_id=req-3", "s3")]
    public async Task A_filter_finds_what_it_says(string filter, string expected)
    {
        await SendSizesAsync();
        (await MessagesAsync($"worker=sizes&order=asc&{filter}")).ShouldBe(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("attr.size>=big", "attr.size", "a number behind")]
    [InlineData("attr.=1", "attr.", "attr.NAME=value")]
    [InlineData("wall_time_ms>=", "wall_time_ms", "a number behind")]
    [InlineData("wall_time_ms=soon", "wall_time_ms", "a number behind")]
    [InlineData("kind=logs", "kind", "log, exception, request, span")]
    [InlineData("worker=", "worker", "1 to 1024 characters")]
    public async Task A_wrong_filter_is_a_problem_that_names_it_and_what_is_legal(string query, string parameter, string legal)
    {
        var answer = await _wire.HttpAsync(_collector.Web, "/api/logs?" + query, [], null, method: "GET");
        answer.Status.ShouldBe(400, answer.Text);
        var problem = JsonDocument.Parse(answer.Text).RootElement;
        problem.GetProperty("parameter").GetString().ShouldBe(parameter);
        problem.GetProperty("detail").GetString().ShouldNotBeNull().ShouldContain(legal);
    }

    [Theory]
    [InlineData("'; DROP TABLE tail_logs; --")]
    [InlineData("\" OR \"\"=\"")]
    [InlineData("$.size")]
    [InlineData("\0")]
    [InlineData("%_\\")]
    public async Task Hostile_values_are_only_ever_values(string value)
    {
        var text = Uri.EscapeDataString(value);
        foreach (var name in new[] { "worker", "correlation_id", "request_id", "outcome", "q", "attr.size", "attr." + text })
        {
            (await MessagesAsync($"{name}={text}")).ShouldBeEmpty(name);
        }

        await SendSizesAsync();
        (await MessagesAsync("worker=sizes")).Length.ShouldBe(5);
    }

    [Fact]
    public async Task Json_lines_give_all_rows_in_order_and_keep_the_limit()
    {
        for (var i = 0; i < 3; i++)
        {
            await SendAsync("lines", [.. Enumerable.Range(i * 1_000, 1_000).Select(static n => OtlpMessage.Record(Some.Noon + (ulong)n, $"{n}"))]);
        }

        (await LinesAsync("worker=lines&order=asc")).ShouldBe(Enumerable.Range(0, 3_000).Select(static n => $"{n}"));
        (await LinesAsync("worker=lines&limit=1500")).ShouldBe(Enumerable.Range(1_500, 1_500).Reverse().Select(static n => $"{n}"));
        (await LinesAsync("worker=no-lines")).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_unchanged_correlation_is_not_modified_and_a_changed_one_is()
    {
        await SendAsync("tags", OtlpMessage.Record(Some.Noon, "one", OtlpMessage.Correlated("tagged")));
        using var first = await GetAsync("/api/correlations/tagged");
        var tag = first.Headers.ETag.ShouldNotBeNull();

        using var second = await GetAsync("/api/correlations/tagged", tag);
        second.StatusCode.ShouldBe(HttpStatusCode.NotModified);
        (await second.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();

        await SendAsync("tags", OtlpMessage.Record(Some.Noon + 1, "two", OtlpMessage.Correlated("tagged")));
        using var third = await GetAsync("/api/correlations/tagged", tag);
        third.StatusCode.ShouldBe(HttpStatusCode.OK);
        third.Headers.ETag.ShouldNotBe(tag);
        using var unknown = await GetAsync("/api/correlations/untagged", tag);
        unknown.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Figures_histogram_and_workers_tell_the_same_story()
    {
        // A minute each with ten requests of 10, 20, … 100 ms; every tenth fails.
        for (var minute = 0; minute < 3; minute++)
        {
            var start = Some.Noon + ((ulong)minute * 60 * Second);
            var spans = Enumerable.Range(1, 10).Select(i => Span(start + ((ulong)i * Second), i * 10, failed: i == 10)).ToArray();
            var body = OtlpMessage.Bytes(1, OtlpMessage.Bytes(1, OtlpMessage.Attribute(1, "service.name", "figures")), OtlpMessage.Bytes(2, spans));
            (await _wire.HttpAsync(_collector.Http, "/v1/traces", body, "application/x-protobuf")).Status.ShouldBe(200);
        }

        const string Range = "from=2026-11-23T12:00:00Z&to=2026-11-23T12:03:00Z";
        var metrics = await _collector.GetJsonAsync($"/api/metrics?{Range}&step=1m&worker=figures");
        metrics.GetProperty("source").GetString().ShouldBe("rollups");
        metrics.GetProperty("step_seconds").GetInt32().ShouldBe(60);
        var worker = metrics.GetProperty("workers").EnumerateArray().ShouldHaveSingleItem();
        worker.GetProperty("worker_name").GetString().ShouldBe("figures");
        worker.GetProperty("count").GetInt32().ShouldBe(30);
        worker.GetProperty("error_rate").GetDouble().ShouldBe(0.1);
        worker.GetProperty("p50_ms").GetDouble().ShouldBe(50, 0.5);
        worker.GetProperty("max_ms").GetDouble().ShouldBe(100);
        worker.GetProperty("steps").EnumerateArray().Select(static s => s.GetProperty("count").GetInt32()).ShouldBe([10, 10, 10]);
        worker.GetProperty("steps")[1].GetProperty("time").GetString().ShouldBe("2026-11-23T12:01:00.000000000Z");
        metrics.GetProperty("total").GetProperty("levels").GetProperty("error").GetInt32().ShouldBe(3);

        var seconds = await _collector.GetJsonAsync($"/api/metrics?{Range}&step=10s&worker=figures&kind=request");
        seconds.GetProperty("source").GetString().ShouldBe("rows");
        seconds.GetProperty("total").GetProperty("count").GetInt32().ShouldBe(30);

        foreach (var filter in new[] { "worker=figures", "worker=figures&q=call" })
        {
            var histogram = await _collector.GetJsonAsync($"/api/logs/histogram?{Range}&step=1m&{filter}");
            histogram.GetProperty("buckets").EnumerateArray().Select(static b => (b.GetProperty("total").GetInt32(), b.GetProperty("error").GetInt32()))
                .ShouldBe([(10, 1), (10, 1), (10, 1)], filter);
        }

        var failed = await _collector.GetJsonAsync($"/api/logs/histogram?{Range}&step=1m&worker=figures&level=error");
        failed.GetProperty("buckets").EnumerateArray().Select(static b => b.GetProperty("total").GetInt32()).ShouldBe([1, 1, 1]);

        var workers = await _collector.GetJsonAsync($"/api/workers?{Range}");
        var seen = workers.GetProperty("workers").EnumerateArray().Single(static w => w.GetProperty("worker_name").GetString() == "figures");
        seen.GetProperty("last_seen").GetString().ShouldBe("2026-11-23T12:02:10.000000000Z");
        seen.GetProperty("records_per_second").GetDouble().ShouldBe(30 / 180.0, 1e-6);
        seen.GetProperty("p95_ms").GetDouble().ShouldBe(100, 1);
    }

    [Theory]
    [InlineData("/api/metrics?step=2d", "step", "1s to 1d")]
    [InlineData("/api/metrics?from=7d&step=1s", "step", "at most 1,000")]
    [InlineData("/api/logs/histogram?from=7d&step=1s", "step", "at most 10,000")]
    [InlineData("/api/metrics?from=1h&to=2h", "from", "before that of the parameter to")]
    [InlineData("/api/workers?from=1h&to=2h", "from", "before that of the parameter to")]
    [InlineData("/api/workers?worker=a", "worker", "legal are")]
    public async Task A_wrong_range_is_a_problem(string path, string parameter, string legal)
    {
        var answer = await _wire.HttpAsync(_collector.Web, path, [], null, method: "GET");
        answer.Status.ShouldBe(400, answer.Text);
        var problem = JsonDocument.Parse(answer.Text).RootElement;
        problem.GetProperty("parameter").GetString().ShouldBe(parameter);
        problem.GetProperty("detail").GetString().ShouldNotBeNull().ShouldContain(legal);
    }

    public void Dispose()
    {
        _wire.Dispose();
        _http.Dispose();
    }

    private static byte[] Span(ulong start, int milliseconds, bool failed) => OtlpMessage.Bytes(
        2, OtlpMessage.Text(5, "call"), OtlpMessage.Varint(6, 2), OtlpMessage.Fixed64(7, start),
        OtlpMessage.Fixed64(8, start + ((ulong)milliseconds * 1_000_000)), OtlpMessage.Bytes(15, OtlpMessage.Varint(3, failed ? 2UL : 1)));

    // The same bytes each time: a repeat is stored once.
    private Task SendSizesAsync()
    {
        var records = Enumerable.Range(0, 5).Select(static i => OtlpMessage.Record(
            Some.Noon + (ulong)i, $"s{i}", OtlpMessage.Bytes(6, OtlpMessage.Text(1, "size"), OtlpMessage.Bytes(2, OtlpMessage.Varint(3, (ulong)i))),
            OtlpMessage.Attribute(6, "http.route", i % 2 == 0 ? "/a/{id}" : "weiß"), OtlpMessage.Attribute(6, "note", i % 2 == 0 ? "100% say \"hi\"" : "say \"hi\""),
            OtlpMessage.Attribute(6, "request_id", $"req-{i}")));
        var resource = OtlpMessage.Bytes(1, OtlpMessage.Attribute(1, "service.name", "sizes"), OtlpMessage.Attribute(1, "zone", "north"));
        return PostAsync(OtlpMessage.Bytes(1, resource, OtlpMessage.Bytes(2, [.. records])));
    }

    private Task SendAsync(string worker, params byte[][] records) => PostAsync(OtlpMessage.Logs(worker, records));

    private async Task PostAsync(byte[] body) =>
        (await _wire.HttpAsync(_collector.Http, "/v1/logs", body, "application/x-protobuf")).Status.ShouldBe(200);

    [Fact]
    public async Task A_correlation_cut_at_its_bytes_is_known_again_by_its_tag()
    {
        var records = Enumerable.Range(0, 30)
            .Select(static n => OtlpMessage.Record(Some.Noon + (ulong)n, $"{n:d2}".PadRight(700_000, '\u0001'), OtlpMessage.Correlated("large"))).ToArray();
        (await _wire.HttpAsync(_collector.Http, "/v1/logs", OtlpMessage.Logs("large", records), "application/x-protobuf")).Status.ShouldBe(200);

        using var first = await GetAsync("/api/correlations/large");
        var answer = JsonDocument.Parse(await first.Content.ReadAsStringAsync()).RootElement;
        answer.GetProperty("truncated").GetBoolean().ShouldBeTrue();
        answer.GetProperty("logs").GetArrayLength().ShouldBe(24);
        using var again = await GetAsync("/api/correlations/large", first.Headers.ETag);
        again.StatusCode.ShouldBe(HttpStatusCode.NotModified);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task An_answer_is_compressed_for_clients_that_accept_it_and_its_tag_still_holds(string coding)
    {
        await SendAsync("compressed", [.. Enumerable.Range(0, 100).Select(static n => OtlpMessage.Record(Some.Noon + (ulong)n, $"row {n}", OtlpMessage.Correlated("packed")))]);
        foreach (var path in new[] { "/api/correlations/packed", "/api/logs?worker=compressed", "/api/status", "/openapi/v1.json" })
        {
            using var plain = await GetAsync(path);
            plain.Content.Headers.ContentEncoding.ShouldBeEmpty(path);
            using var compressed = await GetAsync(path, accepts: coding);
            compressed.Content.Headers.ContentEncoding.ShouldBe([coding], path);
            compressed.Headers.Vary.ShouldHaveSingleItem().ShouldBe("Accept-Encoding");
            var text = await PlainTextAsync(compressed, coding);
            JsonDocument.Parse(text).RootElement.ValueKind.ShouldBe(JsonValueKind.Object);
            if (path != "/api/status")
            {
                text.ShouldBe(await plain.Content.ReadAsStringAsync());
            }
        }

        using var first = await GetAsync("/api/correlations/packed");
        using var again = await GetAsync("/api/correlations/packed", first.Headers.ETag, coding);
        again.StatusCode.ShouldBe(HttpStatusCode.NotModified);
        (await again.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
        using var strong = await GetAsync("/api/correlations/packed", new EntityTagHeaderValue(first.Headers.ETag!.Tag), coding);
        strong.StatusCode.ShouldBe(HttpStatusCode.NotModified, "tags are compared weakly");
    }

    [Fact]
    public async Task What_is_short_or_streamed_is_not_compressed_and_probes_answer_HEAD()
    {
        using var wrong = await GetAsync("/api/logs?limit=0", accepts: "gzip");
        wrong.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        wrong.Content.Headers.ContentEncoding.ShouldBeEmpty();
        using var ready = new HttpRequestMessage(HttpMethod.Head, $"http://{_collector.Web}/readyz");
        ready.Headers.Add("Accept-Encoding", "gzip");
        using var answer = await _http.SendAsync(ready);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
    }

    private async Task<string[]> MessagesAsync(string query) =>
        [.. (await _collector.GetJsonAsync("/api/logs?" + query)).GetProperty("logs").EnumerateArray().Select(static r => r.GetProperty("message").GetString()!)];

    private async Task<string[]> LinesAsync(string query)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{_collector.Web}/api/logs?{query}");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/x-ndjson"));
        using var response = await _http.SendAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var text = await response.Content.ReadAsStringAsync();
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonDocument.Parse(line).RootElement.GetProperty("message").GetString()!)];
    }

    private async Task<HttpResponseMessage> GetAsync(string path, EntityTagHeaderValue? known = null, string? accepts = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{_collector.Web}{path}");
        if (known is not null)
        {
            request.Headers.IfNoneMatch.Add(known);
        }

        if (accepts is not null)
        {
            request.Headers.Add("Accept-Encoding", accepts);
        }

        return await _http.SendAsync(request);
    }

    private static async Task<string> PlainTextAsync(HttpResponseMessage compressed, string coding)
    {
        var body = await compressed.Content.ReadAsStreamAsync();
        using var reader = new StreamReader(coding == "br"
            ? new BrotliStream(body, CompressionMode.Decompress)
            : new GZipStream(body, CompressionMode.Decompress));
        return await reader.ReadToEndAsync();
    }
}
