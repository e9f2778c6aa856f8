using System.CommandLine;
using System.Text.Json;
using Collector.Hosting;

namespace Collector.Commands;

/// <summary><c>collector stats</c>: how a running Collector is, where every row went, and its producers.</summary>
internal static class StatsCommand
{
    public static Command Create(CommandRunner runner)
    {
        var command = new ExampleCommand("stats", "Shows a running Collector's state, its ledger and its producers.",
            "collector stats", "collector stats --format json | jq .ledger.total");
        var format = new FormatOption(command, "text", "json");
        var api = new ApiAccess(command);
        runner.Runs(command, async (parsed, context, cancellation) =>
        {
            using var client = api.Open(parsed, context);
            var status = await client.GetAsync("/api/status", cancellation);
            var ledger = await client.GetAsync("/api/ledger", cancellation);
            // Null: an older Collector has no such answer.
            var workers = await client.FindAsync("/api/workers", cancellation);
            Print(context, format.IsForPrograms(parsed, context.Output), status, ledger, workers);
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Print(
        CommandContext context, bool asJson, JsonElement status, JsonElement ledger, JsonElement? workers)
    {
        if (!asJson)
        {
            new StatsText(context.Output.Text).Print(status, ledger, workers);
            return;
        }

        // One line, with the parts as the API gave them.
        context.Output.Text.WriteLine(string.Concat(
            "{\"status\":", status.GetRawText(),
            ",\"ledger\":", ledger.GetRawText(),
            ",\"workers\":", workers?.GetRawText() ?? "null", "}"));
    }
}
