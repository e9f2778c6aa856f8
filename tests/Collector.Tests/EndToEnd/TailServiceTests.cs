using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

/// <summary>Tail events to the real process, from gRPC's own client in another language, by the published schema.</summary>
public sealed class TailServiceTests : IDisposable
{
    private const int Events = 10_000;

    private static readonly NodePackage _package = new(Repository.PathOf("tests", "Collector.TailClient"));

    private readonly TemporaryFolder _folder = new();
    private Process? _client;

    [NodeFact]
    public Task Ten_thousand_events_over_connections_that_are_cut_are_stored_once_each() => CutAsync(Events);

    [NodeFact]
    public Task Ten_thousand_events_to_a_Collector_that_is_killed_in_the_middle_are_stored_once_each() =>
        KillAsync(Events, segmentRows: 1_000, segments: 2);

    internal async Task CutAsync(int events)
    {
        await using var collector = await CollectorProcess.StartOnAsync(_folder.Path);

        var said = await RunAsync("cut", collector, "cut", events, 5);

        said.GetProperty("connections").GetInt32().ShouldBe(6);
        await ShouldHaveAllAsync(collector, "cut", events);
    }

    internal async Task KillAsync(int events, int segmentRows, int segments)
    {
        var setting = $"--Storage:SegmentRows={segmentRows}";
        var first = await CollectorProcess.StartOnAsync(_folder.Path, setting);
        await StartAsync("stream", first, "killed", events);
        await SaysAsync(said => said.TryGetProperty("through", out var through) && through.GetInt32() > events / 20);
        await first.KillAsync();

        await using var second = await CollectorProcess.StartOnAsync(_folder.Path, $"--Listen:Grpc={first.Grpc}", setting);
        var last = await SaysAsync(static said => said.TryGetProperty("connections", out _));

        last.GetProperty("connections").GetInt32().ShouldBeGreaterThan(1);
        await ShouldHaveAllAsync(second, "killed", events);
        (await second.GetJsonAsync("/api/storage")).GetProperty("segments").GetArrayLength().ShouldBeGreaterThanOrEqualTo(segments);
        await first.DisposeAsync();
    }

    [NodeFact]
    public async Task What_is_spooled_is_acknowledged_and_known_after_a_kill()
    {
        var first = await CollectorProcess.StartOnAsync(_folder.Path, "--Retry:BaseDelay=00:00:00.005");
        using (await DatabaseLock.TakeAsync(first.Folder))
        {
            (await RunAsync("sequences", first, "spooled", [.. Enumerable.Range(1, 250)])).GetProperty("through").GetInt32().ShouldBe(250);
            (await first.LedgerAsync()).ShouldBe(Counts.Of(250, spooled: 250));
            await first.KillAsync();
        }

        await using var second = await CollectorProcess.StartOnAsync(_folder.Path);
        var again = await RunAsync("sequences", second, "spooled", [.. Enumerable.Range(200, 60)]);

        again.GetProperty("through").GetInt32().ShouldBe(259);
        (await second.SettledAsync()).ShouldBe(Counts.Of(310, stored: 259, duplicate: 51));
        (await second.MessagesAsync("spooled")).ShouldBe(Enumerable.Range(1, 259).Select(Message));
        await first.DisposeAsync();
    }

    [NodeFact]
    public async Task Any_order_is_stored_once_and_what_never_came_is_named()
    {
        await using var collector = await CollectorProcess.StartOnAsync(_folder.Path);

        var said = await RunAsync("sequences", collector, "disorder", 3, 1, 2, 3, 8, 5, 5, 1);

        said.GetProperty("code").GetInt32().ShouldBe(0);
        said.GetProperty("through").GetInt32().ShouldBe(8);
        said.GetProperty("dropped").EnumerateArray().Select(Describe).ShouldBe(["4-4 not received", "6-7 not received"]);
        (await collector.MessagesAsync("disorder")).ShouldBe(new[] { 1, 2, 3, 5, 8 }.Select(Message));
        (await collector.LedgerAsync()).ShouldBe(Counts.Of(8, stored: 5, duplicate: 3));

        // Now they come, in a batch; and what was there is there once.
        var sent = await RunAsync("send", collector, "disorder", 7, 6, 5, 4, 9);
        (sent.GetProperty("through").GetInt32(), sent.GetProperty("dropped").GetArrayLength()).ShouldBe((9, 0));
        (await collector.MessagesAsync("disorder")).ShouldBe(Enumerable.Range(1, 9).Select(Message));
    }

    [NodeFact]
    public async Task A_bad_event_ends_the_call_with_a_word_and_costs_no_other()
    {
        await using var collector = await CollectorProcess.StartOnAsync(_folder.Path);

        var said = await RunAsync("sequences", collector, "bad", 1, 2, 0, 3);

        said.GetProperty("code").GetInt32().ShouldBe(3);
        said.GetProperty("details").GetString().ShouldBe("the event behind sequence 2: sequence is 0; legal are 1 to 9223372036854775807");
        said.GetProperty("through").GetInt32().ShouldBe(2);
        (await RunAsync("send", collector, "bad", 3, 0)).GetProperty("code").GetInt32().ShouldBe(3);
        (await RunAsync("send", collector, "", 3)).GetProperty("details").GetString()!.ShouldContain("stream_id has 0 bytes; legal are 1 to 128");
        (await collector.MessagesAsync("bad")).ShouldBe(["event 1", "event 2"]);
    }

    [NodeFact]
    public async Task A_thousand_silent_streams_and_one_that_reads_nothing_cost_little_and_end_in_time()
    {
        const int Streams = 1_000;
        await using var collector = await CollectorProcess.StartOnAsync(_folder.Path, "--Batch:MaxDelay=00:00:01");
        using var deaf = await _package.StartAsync("client.mjs", "deaf", $"{collector.Grpc}", "deaf", "50000");
        await StartAsync("idle", collector, Streams);
        (await SaysAsync(static said => said.TryGetProperty("open", out _))).GetProperty("open").GetInt32().ShouldBe(Streams);
        (await deaf.StandardOutput.ReadLineAsync()).ShouldNotBeNull();

        await Eventually.IsSoAsync(async () => (await collector.LedgerAsync()).Stored == Streams + 50_000, () => collector.Log);
        (await collector.GetJsonAsync("/api/status")).GetProperty("queue").GetProperty("bytes").GetInt64().ShouldBe(0, "nothing is held for them");
        collector.PeakMemory.ShouldBeLessThan(400 << 20);
        // Others are served meanwhile.
        (await RunAsync("send", collector, "other", 1)).GetProperty("through").GetInt32().ShouldBe(1);

        var since = Stopwatch.GetTimestamp();
        (await collector.TerminateAsync()).ShouldBe(0);
        Stopwatch.GetElapsedTime(since).ShouldBeLessThan(TimeSpan.FromSeconds(8), "Shutdown:Deadline");
        deaf.Kill();
    }

    [NodeFact]
    public async Task A_stop_ends_streams_with_the_acknowledgement_of_what_was_read()
    {
        await using var collector = await CollectorProcess.StartOnAsync(_folder.Path, "--Batch:MaxDelay=00:01:00");
        await StartAsync("hold", collector, "held", 7);
        await SaysAsync(static said => said.TryGetProperty("written", out _));

        (await collector.TerminateAsync()).ShouldBe(0);

        var said = await SaysAsync(static said => said.TryGetProperty("code", out _));
        var through = said.GetProperty("through").GetInt32();
        said.GetProperty("code").GetInt32().ShouldBe(14);
        through.ShouldBeInRange(1, 7);
        collector.Log.ShouldContain($"Stopped: {through} rows received, {through} stored");
    }

    public void Dispose()
    {
        if (_client is { HasExited: false })
        {
            _client.Kill(entireProcessTree: true);
        }

        _client?.Dispose();
        _folder.Dispose();
    }

    private static string Message(int sequence) => $"event {sequence}";

    private static string Describe(JsonElement range) =>
        $"{range.GetProperty("first").GetInt64()}-{range.GetProperty("last").GetInt64()} {range.GetProperty("reason").GetString()}";

    private static async Task ShouldHaveAllAsync(CollectorProcess collector, string worker, int count)
    {
        (await collector.SettledAsync()).Stored.ShouldBe(count);
        (await collector.MessagesAsync(worker)).ShouldBe(Enumerable.Range(1, count).Select(Message));
    }

    private Task<JsonElement> RunAsync(string scenario, CollectorProcess collector, string stream, params int[] numbers) =>
        RunAsync([scenario, $"{collector.Grpc}", stream, .. numbers.Select(Text)]);

    private async Task<JsonElement> RunAsync(string[] arguments)
    {
        _client = await _package.StartAsync(["client.mjs", .. arguments]);
        return await SaysAsync(static _ => true);
    }

    private async Task StartAsync(string scenario, CollectorProcess collector, params object[] arguments) => _client =
        await _package.StartAsync(["client.mjs", scenario, $"{collector.Grpc}", .. arguments.Select(static a => $"{a}")]);

    private async Task<JsonElement> SaysAsync(Func<JsonElement, bool> isIt)
    {
        while (await _client!.StandardOutput.ReadLineAsync() is { } line)
        {
            var said = JsonDocument.Parse(line).RootElement;
            if (isIt(said))
            {
                return said;
            }
        }

        throw new InvalidOperationException($"The client ended: {await _client.StandardError.ReadToEndAsync()}");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
