using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Collector.Commands;
using Collector.Tests.Support;

namespace Collector.Tests.Commands;

/// <summary>Commands that talk to a running Collector: both are real processes.</summary>
public sealed class AskingCommandsTests(RunningCollector running) : IClassFixture<RunningCollector>, IDisposable
{
    private readonly Wire _wire = new();
    private readonly CollectorProcess _collector = running.Process;

    private string Url => $"http://{_collector.Web}";

    public void Dispose() => _wire.Dispose();

    [Fact]
    public async Task Logs_shows_the_newest_that_match_oldest_first()
    {
        await SendAsync("logs", [.. Enumerable.Range(0, 5).Select(i => OtlpMessage.Record(Some.Noon + (ulong)i, $"m{i}\u0007[0m"))]);

        var json = await CollectorCommand.RunAsync("logs", "--worker", "logs", "--limit", "2", "--url", Url);
        json.ExitCode.ShouldBe(0);
        json.Errors.ShouldContain("Only the newest 2 rows are shown");
        json.Lines.Select(static line => JsonDocument.Parse(line).RootElement.GetProperty("message").GetString()).ShouldBe(["m3\u0007[0m", "m4\u0007[0m"]);

        var text = await CollectorCommand.RunAsync("logs", "--worker", "logs", "--format", "text", "--to", "2026-11-23T12:00:00.000000001Z", "--url", Url);
        text.ShouldBe(new CommandResult(0, "2026-11-23T12:00:00.000Z INFO  logs m0\\x07[0m\n", ""));
    }

    [Fact]
    public async Task Logs_pages_as_far_as_the_limit_says()
    {
        for (var batch = 0; batch < 3; batch++)
        {
            await SendAsync("pages", [.. Enumerable.Range(batch * 800, 800).Select(i => OtlpMessage.Record(Some.Noon + (ulong)i, $"{i}"))]);
        }

        var result = await CollectorCommand.RunAsync("logs", "--worker", "pages", "--limit", "2100", "--url", Url);

        result.Lines.Select(static line => JsonDocument.Parse(line).RootElement.GetProperty("message").GetString())
            .ShouldBe(Enumerable.Range(300, 2100).Select(static i => $"{i}"));
    }

    [Fact]
    public async Task Every_filter_is_one_that_the_Collector_knows()
    {
        await SendAsync("filtered", OtlpMessage.Record(Some.Noon, "found", OtlpMessage.Correlated("f"), OtlpMessage.Attribute(6, "size", "7")));
        string[] filters =
        [
            "--worker", "filtered", "--level", "info", "--kind", "log", "--correlation-id", "f", "--from", "2026-11-23T12:00:00Z",
            "--to", "2026-11-23T13:00:00Z", "--q", "FOU", "--where", "attr.size=7", "--where", "attr.service.name=filtered",
        ];

        (await CollectorCommand.RunAsync(["logs", .. filters, "--url", Url])).Lines.Length.ShouldBe(1);

        string[] others = ["--outcome", "ok", "--request-id", "r", "--trace-id", new string('a', 32), "--where", "wall_time_ms>=1"];
        (await CollectorCommand.RunAsync(["logs", .. filters, .. others, "--url", Url])).ShouldBe(new CommandResult(0, "", ""));
    }

    [Fact]
    public async Task Follow_shows_what_is_there_and_goes_on_with_what_comes_over_a_restart_too()
    {
        var folder = CollectorProcess.NewFolder();
        try
        {
            await using var first = await CollectorProcess.StartOnAsync(folder);
            using var producer = new Producer("followed");
            (await producer.IsAcknowledgedAsync(first, 1)).ShouldBeTrue();
            using var following = CollectorCommand.Start("logs", "-f", "--worker", "followed", "--format", "text", "--url", $"http://{first.Web}");
            (await following.StandardOutput.ReadLineAsync()).ShouldNotBeNull().ShouldEndWith("number 1.0");
            (await producer.IsAcknowledgedAsync(first, 2)).ShouldBeTrue();
            (await following.StandardOutput.ReadLineAsync()).ShouldNotBeNull().ShouldEndWith("number 2.0");
            await first.KillAsync();

            await using var second = await CollectorProcess.StartOnAsync(folder, $"--Listen:Web={first.Web}");
            (await producer.IsAcknowledgedAsync(second, 3)).ShouldBeTrue();
            (await following.StandardOutput.ReadLineAsync()).ShouldNotBeNull().ShouldEndWith("number 3.0");
            await CollectorCommand.InterruptAsync(following);
            following.ExitCode.ShouldBe(130);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Trace_draws_a_tree_and_gives_the_whole_answer_in_a_pipe()
    {
        await SendAsync("tracing", OtlpMessage.Record(Some.Noon, "first", OtlpMessage.Correlated("order 7/ä")), OtlpMessage.Record(Some.Noon + 1_500_000, "second", OtlpMessage.Correlated("order 7/ä"), OtlpMessage.Varint(2, 17)));

        var tree = await CollectorCommand.RunAsync("trace", "order 7/ä", "--format", "tree", "--url", Url);
        tree.ShouldBe(new CommandResult(0, """
            order 7/ä  tracing
            2026-11-23T12:00:00.000000000Z  1.5 ms  1 error

            +0.0 ms tracing first
            +1.5 ms tracing ERROR second

            """, ""));

        var json = await CollectorCommand.RunAsync("trace", "order 7/ä", "--url", Url);
        JsonDocument.Parse(json.Output).RootElement.GetProperty("logs").GetArrayLength().ShouldBe(2);

        var unknown = await CollectorCommand.RunAsync("trace", "never seen", "--url", Url);
        unknown.ShouldBe(new CommandResult(6, "", "collector trace: no row has the correlation id or trace id 'never seen'.\n"));
    }

    [Fact]
    public async Task Stats_shows_state_ledger_and_producers()
    {
        await SendAsync("counted", OtlpMessage.Record(Some.Noon, "x"));

        var text = await CollectorCommand.RunAsync("stats", "--format", "text", "--url", Url);
        text.ExitCode.ShouldBe(0);
        text.Output.ShouldContain("ready, up ");
        text.Lines.ShouldContain(static line => System.Text.RegularExpressions.Regex.IsMatch(line, @"^counted\s+1\s+1(\s+0){7}$"));
        text.Lines.ShouldContain(static line => line.StartsWith("total ", StringComparison.Ordinal));
        text.Output.ShouldContain("Workers (");

        var json = JsonDocument.Parse((await CollectorCommand.RunAsync("stats", "--url", Url)).Output).RootElement;
        json.GetProperty("status").GetProperty("ready").GetBoolean().ShouldBeTrue();
        json.GetProperty("ledger").GetProperty("total").GetProperty("stored").GetInt64().ShouldBePositive();
    }

    [Fact]
    public async Task Send_test_goes_over_each_protocol_and_is_read_back()
    {
        var good = await CollectorCommand.RunAsync("send-test", "--url", Url, "--grpc", $"http://{_collector.Grpc}", "--http", $"http://{_collector.Http}");
        good.ExitCode.ShouldBe(0, good.Output + good.Errors);
        good.Lines.Count(static line => line.StartsWith("ok", StringComparison.Ordinal)).ShouldBe(6);
        good.Lines[^1].ShouldContain("5 of 5");

        var id = good.Lines[^1].Split(' ')[^1];
        var rows = (await _collector.GetJsonAsync("/api/correlations/" + id)).GetProperty("logs").EnumerateArray();
        rows.Select(static row => row.GetProperty("message").GetString())
            .ShouldBe(
                ["A test over OTLP/gRPC", "A test over OTLP/HTTP protobuf", "A test over OTLP/HTTP JSON", "A test over tail events/gRPC", "GET / 200"],
                ignoreOrder: true);

        // HTTP where gRPC should be: two ways of five fail, and so does the command.
        var bad = await CollectorCommand.RunAsync("send-test", "--url", Url, "--grpc", $"http://127.0.0.1:{FreePort()}", "--http", $"http://{_collector.Http}");
        bad.ExitCode.ShouldBe(1);
        bad.Lines[0].ShouldStartWith("FAIL  OTLP/gRPC");
        bad.Lines[^1].ShouldContain("3 of 3");
    }

    [Fact]
    public async Task Following_ends_when_nobody_reads_any_more()
    {
        await using var collector = await CollectorProcess.StartAsync();
        using var producer = new Producer();
        using var process = CollectorCommand.Start("logs", "--follow", "--url", $"http://{collector.Web}");
        process.StandardOutput.Close();
        var bound = new LoopBound();
        for (var i = 0; !process.HasExited && bound.Holds(); i++)
        {
            await producer.SendAsync(collector, i);
        }

        process.ExitCode.ShouldBe(0);
        (await process.StandardError.ReadToEndAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Send_test_uses_the_keys_of_the_settings()
    {
        await using var collector = await CollectorProcess.StartAsync("--Ingest:Keys=secret-key");
        string[] addresses = ["send-test", "--url", $"http://{collector.Web}", "--grpc", $"http://{collector.Grpc}", "--http", $"http://{collector.Http}"];

        var without = await CollectorCommand.RunAsync(addresses);
        without.ExitCode.ShouldBe(1);
        without.Lines.Count(static line => line.StartsWith("FAIL", StringComparison.Ordinal)).ShouldBe(5, without.Output);

        (await CollectorCommand.RunAsync([.. addresses, "--Ingest:Keys=secret-key"])).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task Health_is_0_or_1()
    {
        (await CollectorCommand.RunAsync("healthcheck", $"--Listen:Web={_collector.Web}")).ShouldBe(new CommandResult(0, "ready\n", ""));
        (await CollectorCommand.RunAsync("health", "--url", Url)).ShouldBe(new CommandResult(0, "ready\n", ""));
        var away = await CollectorCommand.RunAsync("healthcheck", $"--Listen:Web=127.0.0.1:{FreePort()}");
        away.ExitCode.ShouldBe(1);
        away.Errors.ShouldContain("No Collector answers");
    }

    [Theory]
    [InlineData("logs")]
    [InlineData("logs", "--follow")]
    [InlineData("trace", "x")]
    [InlineData("stats")]
    public async Task Where_nobody_answers_the_exit_code_says_so(params string[] arguments)
    {
        var result = await CollectorCommand.CallAsync([.. arguments, "--url", $"http://127.0.0.1:{FreePort()}"]);

        result.ExitCode.ShouldBe(5);
        result.Errors.ShouldContain("No Collector answers at http://127.0.0.1:");
    }

    [Theory]
    [InlineData("level: 'loud' is not legal; legal is debug, info, warn, error", "logs", "--level", "loud")]
    [InlineData("--limit: '100001' is not legal; legal is 1 to 100000", "logs", "--limit", "100001")]
    [InlineData("--limit: '1001' is not legal; legal is 0 to 1000", "logs", "--follow", "--limit", "1001")]
    [InlineData("--url: 'localhost' is not legal; legal is http://HOST", "logs", "--url", "localhost")]
    public async Task What_is_wrong_in_the_question_is_named_with_what_is_legal(string words, params string[] arguments)
    {
        var result = await CollectorCommand.CallAsync(arguments.Contains("--url") ? arguments : [.. arguments, "--url", Url]);

        result.ExitCode.ShouldBe(2);
        result.Errors.ShouldContain(words);
    }

    [Theory]
    [InlineData("logs")]
    [InlineData("trace")]
    [InlineData("stats")]
    [InlineData("send-test")]
    [InlineData("doctor")]
    [InlineData("sql")]
    [InlineData("export")]
    [InlineData("serve")]
    [InlineData("healthcheck")]
    public async Task Help_of_each_command_has_examples(string command)
    {
        var result = await CollectorCommand.CallAsync(command, "--help");

        result.ExitCode.ShouldBe(0);
        result.Output.ShouldContain("Examples:");
        result.Output.ShouldContain($"  collector {command}");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task SendAsync(string worker, params byte[][] records)
    {
        var reply = await _wire.GrpcAsync(_collector.Grpc, Wire.LogsMethod, Wire.Frame(OtlpMessage.Logs(worker, records)));
        reply.Status.ShouldBe(0, reply.Message);
    }
}
