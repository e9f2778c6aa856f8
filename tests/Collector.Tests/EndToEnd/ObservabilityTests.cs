using System.Text;
using System.Text.Json;
using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

/// <summary>What the real process tells about itself.</summary>
public sealed class ObservabilityTests(RunningCollector running) : IClassFixture<RunningCollector>, IDisposable
{
    private readonly Wire _wire = new();
    private readonly CollectorProcess _collector = running.Process;

    [Fact]
    public async Task The_figures_move_with_real_requests()
    {
        var before = await ReadMetricsAsync();
        var logs = OtlpMessage.Logs("metrics", OtlpMessage.Record(Some.Noon, "one"), OtlpMessage.Record(Some.Noon, "two"));

        (await _wire.GrpcAsync(_collector.Grpc, Wire.LogsMethod, Wire.Frame(logs))).Status.ShouldBe(0);
        (await _wire.GrpcAsync(_collector.Grpc, Wire.LogsMethod, Wire.Frame(logs))).Status.ShouldBe(0);
        (await _wire.HttpAsync(_collector.Http, "/v1/traces", [0x07], "application/x-protobuf")).Status.ShouldBe(400);
        (await _wire.GrpcAsync(_collector.Grpc, "/nothing", Wire.Frame([]))).Status.ShouldBe(12);
        await _collector.GetJsonAsync("/api/logs?worker=metrics");

        var after = await ReadMetricsAsync();
        Moved("collector_requests_total", "transport=\"grpc\",signal=\"logs\",outcome=\"ok\"").ShouldBe(1);
        Moved("collector_requests_total", "transport=\"grpc\",signal=\"logs\",outcome=\"duplicate\"").ShouldBe(1);
        Moved("collector_requests_total", "transport=\"http\",signal=\"traces\",outcome=\"bad_data\"").ShouldBe(1);
        Moved("collector_requests_total", "transport=\"grpc\",signal=\"unknown\",outcome=\"unimplemented\"").ShouldBe(1);
        Moved("collector_received_bytes_total", "signal=\"logs\"").ShouldBe(2 * logs.Length);
        Moved("collector_rows_total", "column=\"stored\"").ShouldBe(2);
        Moved("collector_rows_total", "column=\"duplicate\"").ShouldBe(2);
        Moved("collector_rows_total", "column=\"rejected\"").ShouldBe(1);
        Moved("collector_rows_reasons_total", "reason=\"undecodable\"").ShouldBe(1);
        Moved("collector_store_rows").ShouldBe(2);
        Moved("collector_acknowledgement_duration_seconds_count").ShouldBe(1);
        Moved("collector_commit_duration_seconds_count", "result=\"committed\"").ShouldBeGreaterThanOrEqualTo(1);
        Moved("collector_query_duration_seconds_count", "endpoint=\"logs\"").ShouldBe(1);
        after.ValueOf("collector_store_size_bytes").ShouldBeGreaterThan(0);
        after.ValueOf("collector_queue_capacity").ShouldBe(1000);
        after.ValueOf("collector_queue_memory_bytes").ShouldBe(0);

        double Moved(string name, string labels = "") =>
            after.ValueOf(name, labels) - (before.ValueOf(name, labels) is var value && double.IsNaN(value) ? 0 : value);
    }

    [Fact]
    public async Task The_status_tells_how_every_part_fares()
    {
        var logs = OtlpMessage.Logs("status", OtlpMessage.Record(Some.Noon, "one"));
        (await _wire.GrpcAsync(_collector.Grpc, Wire.LogsMethod, Wire.Frame(logs))).Status.ShouldBe(0);

        var status = await _collector.GetJsonAsync("/api/status");

        Shape(status).ShouldBe(
        [
            "version", "uptime_seconds", "started_at", "ready", "listen.grpc", "listen.http",
            "queue.entries", "queue.capacity", "queue.bytes", "queue.max_bytes",
            "acknowledgement.count", "acknowledgement.p50_ms", "acknowledgement.p99_ms",
            "writer.alive", "writer.store_failing", "writer.failure", "writer.busy_ms", "writer.retries",
            "spool.bytes", "spool.max_bytes", "spool.behind",
            "store.rows", "store.bytes", "store.segments", "store.unsealed", "store.sealing_failures",
            "access.send", "access.read", "access.keys",
        ]);
        status.GetProperty("ready").GetBoolean().ShouldBeTrue();
        status.GetProperty("listen").GetProperty("grpc").GetString().ShouldBe(_collector.Grpc.ToString());
        status.GetProperty("listen").GetProperty("http").GetString().ShouldBe(_collector.Http.ToString());
        status.GetProperty("uptime_seconds").GetDouble().ShouldBeGreaterThan(0);
        status.GetProperty("queue").GetProperty("capacity").GetInt32().ShouldBe(1000);
        var acknowledgement = status.GetProperty("acknowledgement");
        acknowledgement.GetProperty("count").GetInt64().ShouldBeGreaterThanOrEqualTo(1);
        acknowledgement.GetProperty("p50_ms").GetDouble().ShouldBeInRange(0.001, acknowledgement.GetProperty("p99_ms").GetDouble());
        status.GetProperty("writer").GetProperty("alive").GetBoolean().ShouldBeTrue();
        status.GetProperty("writer").GetProperty("failure").ValueKind.ShouldBe(JsonValueKind.Null);
        status.GetProperty("spool").GetProperty("behind").GetBoolean().ShouldBeFalse();
        status.GetProperty("store").GetProperty("rows").GetInt64().ShouldBeGreaterThanOrEqualTo(1);
        status.GetProperty("store").GetProperty("segments").GetInt32().ShouldBe(1);
    }

    public void Dispose() => _wire.Dispose();

    private static IEnumerable<string> Shape(JsonElement element, string prefix = "") =>
        element.EnumerateObject().SelectMany(property => property.Value.ValueKind == JsonValueKind.Object
            ? Shape(property.Value, prefix + property.Name + ".")
            : [prefix + property.Name]);

    private async Task<List<Sample>> ReadMetricsAsync()
    {
        using var client = new HttpClient();
        using var response = await client.GetAsync(new Uri($"http://{_collector.Web}/metrics"));
        response.Content.Headers.ContentType!.ToString().ShouldBe("text/plain; version=0.0.4; charset=utf-8");
        return PrometheusText.Parse(Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync()));
    }
}
