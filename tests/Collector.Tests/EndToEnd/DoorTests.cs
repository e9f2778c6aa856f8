using System.Text;
using System.Text.Json;
using Collector.Commands.Doctor;
using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

/// <summary>What senders that are set up wrongly are told, and where whoever runs Collector sees it.</summary>
public sealed class DoorTests : IAsyncLifetime, IDisposable
{
    private const string Protobuf = "application/x-protobuf";
    private const string Json = "application/json";
    private const string MetricsMethod = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";

    // resource_metrics { scope_metrics { metrics { gauge { data_points × 3 } } } }
    private static readonly byte[] _metrics = [0x0A, 12, 0x12, 10, 0x12, 8, 0x2A, 6, 0x0A, 0, 0x0A, 0, 0x0A, 0];

    private readonly Wire _wire = new();
    private CollectorProcess _collector = null!;

    public async Task InitializeAsync() => _collector = await CollectorProcess.StartAsync();

    public Task DisposeAsync() => _collector.DisposeAsync().AsTask();

    public void Dispose() => _wire.Dispose();

    [Theory]
    [InlineData("/v1/nothing", Protobuf, "", 404, "wrong_path")]
    [InlineData("/api/logs", Json, "{}", 404, "wrong_path")]
    [InlineData("/v1development/profiles", Protobuf, "", 404, "profiles")]
    [InlineData("/v1/logs", "text/plain", "hello", 415, "wrong_content_type")]
    [InlineData("/v1/logs", Json, """{"resourceSpans":[{"scopeSpans":[]}]}""", 400, "not_understood")]
    [InlineData("/v1/traces", Json, """{"resourceLogs":[{"scopeLogs":[]}]}""", 400, "not_understood")]
    [InlineData("/v1/logs", Json, """{"message":"hello","level":"info"}""", 400, "not_understood")]
    [InlineData("/v1/logs", Json, """{"resourceLogs":[{"logs":[{"message":"hello"}]}]}""", 400, "not_understood")]
    public async Task A_request_that_is_turned_away_is_answered_counted_and_named(string path, string type, string body, int status, string reason)
    {
        var answer = await _wire.HttpAsync(_collector.Http, path, Encoding.UTF8.GetBytes(body), type);

        answer.Status.ShouldBe(status, answer.Text);
        await IsCountedAsync(reason);
    }

    [Fact]
    public async Task A_message_of_another_schema_is_not_understood()
    {
        // Field 9, of whatever that may be.
        var answer = await _wire.HttpAsync(_collector.Http, "/v1/logs", [0x4A, 3, 1, 2, 3], Protobuf);

        answer.Status.ShouldBe(400);
        answer.Text.ShouldContain("field 9");
        await IsCountedAsync("not_understood");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"resourceLogs":[]}""")]
    [InlineData("")]
    public async Task An_empty_request_is_fine(string body)
    {
        (await _wire.HttpAsync(_collector.Http, "/v1/logs", Encoding.UTF8.GetBytes(body), Json)).Status.ShouldBe(200);
        (await DoorAsync()).GetProperty("requests").GetInt64().ShouldBe(0);
    }

    [Fact]
    public async Task Another_signals_request_is_told_where_it_belongs()
    {
        var answer = await _wire.HttpAsync(_collector.Http, "/v1/logs", """{"resourceSpans":[]}"""u8.ToArray(), Json);

        answer.Text.ShouldContain("resourceSpans");
        answer.Text.ShouldContain("traces");
    }

    [Fact]
    public async Task Rows_that_come_to_the_port_of_questions_are_counted_there_too()
    {
        var answer = await _wire.HttpAsync(_collector.Web, "/v1/logs", "{}"u8.ToArray(), Json);

        answer.Status.ShouldBe(404);
        answer.Text.ShouldContain("4318");
        await IsCountedAsync("wrong_port");
    }

    [Fact]
    public async Task A_name_that_is_not_this_servers_is_counted()
    {
        var answer = await _wire.HttpAsync(_collector.Web, "/api/status", [], null, method: "GET", headers: ("Host", "evil.example"));

        answer.Status.ShouldBe(421);
        await IsCountedAsync("wrong_host");
    }

    [Fact]
    public async Task The_first_metrics_of_a_sender_are_answered_with_a_word_and_later_ones_with_none()
    {
        var first = await _wire.GrpcAsync(_collector.Grpc, MetricsMethod, Wire.Frame(_metrics));
        var second = await _wire.GrpcAsync(_collector.Grpc, MetricsMethod, Wire.Frame(_metrics));
        var third = await _wire.HttpAsync(_collector.Http, "/v1/metrics", _metrics, Protobuf);
        var json = await _wire.HttpAsync(_collector.Http, "/v1/metrics", """{"resourceMetrics":[]}"""u8.ToArray(), Json);

        first.Status.ShouldBe(0);
        // partial_success { rejected_data_points: 3, error_message }
        first.Body[5..9].ShouldBe([0x0A, (byte)(first.Body.Length - 7), 0x08, 3]);
        Encoding.UTF8.GetString(first.Body).ShouldContain("metrics are not kept");
        (second.Status, second.Body.Length).ShouldBe((0, 5));
        (third.Status, third.Text).ShouldBe((200, ""));
        (json.Status, json.Text).ShouldBe((200, "{}"));
        (await IsCountedAsync("metrics")).GetProperty("requests").GetInt64().ShouldBe(4);
        (await _collector.LedgerAsync()).Received.ShouldBe(0);
    }

    [Fact]
    public async Task Metrics_and_doctor_say_it_too()
    {
        await _wire.HttpAsync(_collector.Http, "/v2/logs", [], Protobuf);

        var text = await _wire.Client.GetStringAsync(new Uri($"http://{_collector.Web}/metrics"));
        text.ShouldContain("collector_door_requests_total{reason=\"wrong_path\"} 1");
        var finding = InstanceCheck.Door(await _collector.GetJsonAsync("/api/ledger")).ShouldHaveSingleItem();
        finding.Verdict.ShouldBe(Verdict.Warn);
        finding.Text.ShouldContain("/v2/logs");
    }

    private async Task<JsonElement> IsCountedAsync(string reason)
    {
        var door = await DoorAsync();
        door.GetProperty("reasons").GetProperty(reason).GetInt64().ShouldBeGreaterThan(0);
        var sender = door.GetProperty("senders").EnumerateArray().ShouldHaveSingleItem();
        sender.GetProperty("reason").GetString().ShouldBe(reason);
        sender.GetProperty("address").GetString().ShouldBe("127.0.0.1");
        _collector.Log.ShouldContain($"is turned away ({reason}, 1 so far)");
        return sender;
    }

    private async Task<JsonElement> DoorAsync() => (await _collector.GetJsonAsync("/api/ledger")).GetProperty("door");
}
