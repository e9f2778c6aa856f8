using System.Text.Json;
using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

/// <summary>
/// The loggers of JavaScript, each through its own OTLP transport at default settings, against the real process: what its user sees in
/// the console is what the rows say.
/// </summary>
public sealed class JavaScriptLoggerTests(RunningCollector running) : IClassFixture<RunningCollector>
{
    private static readonly NodePackage _package = new(Repository.PathOf("tests", "Collector.LoggerClient"));

    private readonly CollectorProcess _collector = running.Process;

    [NodeFact]
    public async Task Pino_is_found_as_its_user_knows_it() => await ShouldBeAsync("pino", last: ("error", "log", "it died", "fatal"));

    [NodeFact]
    public async Task Winston_is_found_as_its_user_knows_it() => await ShouldBeAsync("winston", last: ("debug", "log", "GET /x", "http"));

    [NodeFact]
    public async Task Bunyan_is_found_as_its_user_knows_it() => await ShouldBeAsync("bunyan", last: ("error", "log", "it died", "fatal"));

    private async Task ShouldBeAsync(string logger, (string Level, string Kind, string Message, string Word) last)
    {
        using var client = await _package.StartAsync("client.js", $"http://{_collector.Http}", logger);
        // Both are read: a full pipe would stop it.
        var (output, errors) = (client.StandardOutput.ReadToEndAsync(), client.StandardError.ReadToEndAsync());
        await client.WaitForExitAsync();
        await output;
        client.ExitCode.ShouldBe(0, await errors);

        var id = "js-" + logger;
        await Eventually.IsSoAsync(async () => (await _collector.MessagesAsync(id)).Count == 6, () => _collector.Log);
        var rows = (await _collector.GetJsonAsync($"/api/correlations/{id}")).GetProperty("logs").EnumerateArray().ToArray();

        rows.Select(Describe).ShouldBe(
        [
            ("debug", "log", "very quiet"), ("info", "log", "order 17 placed"), ("warn", "log", "slow"),
            ("error", "exception", "card declined"), ("error", "exception", "refund failed"), (last.Level, last.Kind, last.Message),
        ]);
        rows.ShouldAllBe(row => row.GetProperty("worker_name").GetString() == id && row.GetProperty("correlation_id").GetString() == id);
        rows[5].GetProperty("context").GetProperty("severity_text").GetString().ShouldBe(last.Word);

        var order = rows[1].GetProperty("context").GetProperty("attributes");
        order.GetProperty("order").GetInt32().ShouldBe(17);
        order.GetProperty("user").GetProperty("name").GetString().ShouldBe("ann");
        order.GetProperty("password").GetString().ShouldBe("REDACTED");
        rows[2].GetProperty("context").GetProperty("attributes").GetProperty("url").GetString()
            .ShouldBe("https://REDACTED@shop.example/x?token=REDACTED");
        rows.ShouldAllBe(row => !row.GetRawText().Contains("hunter2"));
        Context(rows[3]).ShouldContain("TypeError: card declined");
        Context(rows[4]).ShouldContain("RangeError: no such order");
    }

    private static string Context(JsonElement row) => row.GetProperty("context").GetRawText();

    private static (string?, string?, string?) Describe(JsonElement row) => (
        row.GetProperty("log_level").GetString(), row.GetProperty("kind").GetString(), row.GetProperty("message").GetString());
}
