using System.Diagnostics;
using Collector.Commands;
using Collector.Hosting;
using Collector.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Collector.Tests.Commands;

/// <summary><c>collector logs --follow</c> against a server that does what the test says.</summary>
public sealed class FollowTests
{
    [Fact]
    public async Task A_broken_connection_is_taken_up_behind_the_last_row_and_what_was_skipped_is_told()
    {
        await using var server = await LiveServer.StartAsync(
            LiveServer.Log("3-1", "one") + "event: live\ndata: {}\n\n" + LiveServer.Log("3-2", "two"),
            ": heartbeat\n\nevent: skipped\ndata: {\"count\":123}\n\n" + LiveServer.Log("4-1", "three") + LiveServer.Silence);
        using var process = CollectorCommand.Start("logs", "--follow", "--limit", "7", "--level", "warn", "--where", "attr.x>=2", "--url", $"{server.Url}");
        var errors = process.StandardError.ReadToEndAsync();

        (await MessageAsync(process)).ShouldBe("one");
        (await MessageAsync(process)).ShouldBe("two");
        (await MessageAsync(process)).ShouldBe("three");
        await CollectorCommand.InterruptAsync(process);

        process.ExitCode.ShouldBe(ExitCode.Interrupted);
        (await errors).ShouldContain("The connection is gone (it was closed)");
        (await errors).ShouldContain("123 rows are left out");
        server.Connections.ShouldBe([("?level=warn&attr.x%3E=2&limit=7", null), ("?level=warn&attr.x%3E=2&limit=7", "3-2")]);
    }

    [Fact]
    public async Task A_row_in_the_middle_of_a_broken_connection_is_neither_shown_nor_counted_as_come()
    {
        await using var server = await LiveServer.StartAsync(
            LiveServer.Log("1-1", "one") + "event: log\nid: 1-2\ndata: {\"message\":\"ha", LiveServer.Log("1-2", "half") + LiveServer.Silence);
        using var process = CollectorCommand.Start("logs", "-f", "--url", $"{server.Url}");

        (await MessageAsync(process)).ShouldBe("one");
        (await MessageAsync(process)).ShouldBe("half");
        await CollectorCommand.InterruptAsync(process);

        server.Connections.Select(static one => one.LastId).ShouldBe([null, "1-1"]);
    }

    [Theory]
    [InlineData(400, """{"status":400,"detail":"'loud' is not legal","parameter":"level"}""", 2, "level: 'loud' is not legal")]
    [InlineData(404, """{"status":404,"detail":"There is nothing at /api/live."}""", 1, "nothing at /api/live")]
    [InlineData(503, "busy", 1, "HTTP 503: busy")]
    public async Task What_the_first_connection_refuses_is_no_reason_to_try_again(int status, string text, int exitCode, string words)
    {
        await using var server = await LiveServer.StartAsync([(status, text)]);

        var result = await CollectorCommand.RunAsync("logs", "--follow", "--url", $"{server.Url}");

        result.ExitCode.ShouldBe(exitCode);
        result.Errors.ShouldContain(words);
        server.Connections.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_server_that_is_busy_later_is_tried_again()
    {
        await using var server = await LiveServer.StartAsync([(200, LiveServer.Log("1-1", "one")), (503, "busy"), (200, LiveServer.Log("1-2", "two") + LiveServer.Silence)]);
        using var process = CollectorCommand.Start("logs", "--follow", "--url", $"{server.Url}");

        (await MessageAsync(process)).ShouldBe("one");
        (await MessageAsync(process)).ShouldBe("two");
        await CollectorCommand.InterruptAsync(process);

        server.Connections.Select(static one => one.LastId).ShouldBe([null, "1-1", "1-1"]);
    }

    [Fact]
    public async Task A_connection_without_even_a_heartbeat_is_given_up()
    {
        await using var server = await LiveServer.StartAsync(LiveServer.Log("1-1", "one") + LiveServer.Silence);
        var clock = new FakeTimeProvider();
        using var client = new ApiClient(server.Url, key: null);
        using var shown = new StringWriter();
        using var errors = new StringWriter();
        var context = new CommandContext(new Output(shown, isTerminal: false), errors, new CollectorOptions(), clock);
        using var stop = new CancellationTokenSource();
        var follower = new LiveFollower(client, context, new RowPrinter(context, asJson: false, withContext: false));
        var following = follower.RunAsync([], 10, stop.Token);
        await Eventually.IsSoAsync(() => shown.ToString().Contains("one", StringComparison.Ordinal), shown.ToString);

        clock.Advance(LiveFollower.MaxSilence - TimeSpan.FromSeconds(1));
        server.Connections.Count.ShouldBe(1);
        await Eventually.IsSoAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return server.Connections.Count == 2;
            },
            errors.ToString);

        errors.ToString().ShouldContain("it was silent");
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(following);
    }

    private static async Task<string> MessageAsync(Process process)
    {
        var line = await process.StandardOutput.ReadLineAsync();
        return System.Text.Json.JsonDocument.Parse(line.ShouldNotBeNull()).RootElement.GetProperty("message").GetString()!;
    }
}
