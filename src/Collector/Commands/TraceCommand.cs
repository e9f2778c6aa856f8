using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Collector.Hosting;

namespace Collector.Commands;

/// <summary><c>collector trace</c>: all that one correlation id or trace id leads to, as a tree.</summary>
internal static class TraceCommand
{
    public static Command Create(CommandRunner runner)
    {
        var command = new ExampleCommand("trace",
            "Shows everything that belongs to a correlation id or trace id: requests and spans as a tree, what they logged below them.",
            "collector trace 0af7651916cd43dd8448eb211c80319c", "collector trace order-4711 --format json | jq .error_count");
        var id = new Argument<string>("ID") { Description = "A correlation id or a trace id." };
        var format = new Option<string>("--format") { Description = "tree or json (the API's answer). Default: tree in a terminal, otherwise json." };
        format.AcceptOnlyFromAmong("tree", "json");
        command.Arguments.Add(id);
        command.Options.Add(format);
        var url = ApiAddress.Option(command);
        runner.Runs(command, async (parsed, context, cancellation) =>
        {
            using var client = new ApiClient(ApiAddress.Of(context, parsed.GetValue(url)));
            var asJson = (parsed.GetValue(format) ?? (context.Output.IsTerminal ? "tree" : "json")) == "json";
            return await RunAsync(context, client, parsed.GetRequiredValue(id), asJson, cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, ApiClient client, string id, bool asJson, CancellationToken cancellation)
    {
        if (await client.FindAsync("/api/correlations/" + Uri.EscapeDataString(id), cancellation) is not { } answer)
        {
            context.Errors.WriteLine($"collector trace: no row has the correlation id or trace id '{VisibleText.Of(id)}'.");
            return ExitCode.NotFound;
        }

        var printer = new RowPrinter(context, asJson, withContext: false);
        if (asJson)
        {
            printer.Print(answer);
        }
        else
        {
            PrintTree(context, answer);
        }

        printer.PrintGaps(answer);
        if (answer.IsTrue("truncated"))
        {
            context.Errors.WriteLine("There are more rows than the answer holds; the latest are missing.");
        }

        return ExitCode.Ok;
    }

    private static void PrintTree(CommandContext context, JsonElement answer)
    {
        var ink = context.Output.Ink;
        var workers = answer.Items("workers").Select(static worker => VisibleText.Of(worker.GetString() ?? ""));
        var errors = answer.Count("error_count");
        var told = string.Create(CultureInfo.InvariantCulture, $"{errors} {(errors == 1 ? "error" : "errors")}");
        context.Output.Text.WriteLine(ink.Bold(VisibleText.Of(answer.Text("correlation_id") ?? "")) + "  " + string.Join(", ", workers));
        context.Output.Text.WriteLine(
            $"{ink.Dim(answer.Text("started_at") ?? "")}  {LogText.Duration(answer.Number("wall_time_ms") ?? 0)}  {(errors > 0 ? ink.Red(told) : told)}");
        context.Output.Text.WriteLine();
        foreach (var line in new TraceTree(answer.Items("logs"), answer.Text("started_at"), ink).Lines())
        {
            context.Output.Text.WriteLine(line);
        }
    }
}
