using System.CommandLine;
using System.Text.Json;
using Collector.Hosting;

namespace Collector.Commands;

/// <summary><c>collector trace</c>: all that one correlation id or trace id leads to, as a tree.</summary>
internal static class TraceCommand
{
    public static Command Create(CommandRunner runner)
    {
        var command = new ExampleCommand("trace",
            "Shows everything that belongs to a correlation id or trace id: requests and spans as a tree, "
            + "what they logged below them.",
            "collector trace 0af7651916cd43dd8448eb211c80319c",
            "collector trace order-4711 --format json | jq .error_count");
        var id = new Argument<string>("ID") { Description = "A correlation, request, trace or span id, in any of its forms." };
        command.Arguments.Add(id);
        var format = new FormatOption(command, "tree", "json");
        var api = new ApiAccess(command);
        runner.Runs(command, async (parsed, context, cancellation) =>
        {
            using var client = api.Open(parsed, context);
            var asJson = format.IsForPrograms(parsed, context.Output);
            return await RunAsync(context, client, parsed.GetRequiredValue(id), asJson, cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        CommandContext context, ApiClient client, string id, bool asJson, CancellationToken cancellation)
    {
        if (await client.FindAsync("/api/correlations/" + Uri.EscapeDataString(id), cancellation) is not { } answer)
        {
            context.Errors.WriteLine(VisibleText.Of($"collector trace: no row has the correlation id or trace id '{id}'."));
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
        var ink = context.Output.Ansi;
        var workers = answer.Items("workers").Select(static worker => VisibleText.Of(worker.GetString() ?? ""));
        var errors = answer.Count("error_count");
        var told = errors switch { 0 => "no errors", 1 => ink.Red("1 error"), _ => ink.Red($"{errors} errors") };
        var id = ink.Bold(VisibleText.Of(answer.Text("correlation_id") ?? ""));
        var took = LogText.Duration(answer.Number("wall_time_ms") ?? 0);
        context.Output.Text.WriteLine($"{id}  {string.Join(", ", workers)}");
        context.Output.Text.WriteLine($"{ink.Dim(VisibleText.Of(answer.Text("started_at") ?? ""))}  {took}  {told}");
        context.Output.Text.WriteLine();
        foreach (var line in new TraceTree(answer.Items("logs"), answer.Text("started_at"), ink).Lines())
        {
            context.Output.Text.WriteLine(line);
        }
    }
}
