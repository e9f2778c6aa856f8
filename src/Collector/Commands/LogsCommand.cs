using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Collector.Hosting;

namespace Collector.Commands;

/// <summary><c>collector logs</c>: rows by filter, and with <c>--follow</c> those that come.</summary>
internal sealed class LogsCommand
{
    // One page of the API.
    private const int PageRows = 1000;
    private const int MaxRows = 100_000;

    private readonly Command _command = new ExampleCommand("logs",
        "Shows rows of a running Collector, oldest first: the newest that match, or as many as --limit says.",
        "collector logs --level error --from 1h",
        "collector logs --follow --worker api --where 'wall_time_ms>=250'",
        "collector logs --from 2026-01-31T12:00:00Z --limit 100000 --q timeout | jq -r .message");

    private readonly LogFilters _filters;

    private readonly Option<int> _limit = new("--limit")
    {
        Description = $"How many, 1 to {MaxRows}; with --follow, how many older ones first, 0 to 1000.",
        HelpName = "N",
        DefaultValueFactory = static _ => 100,
    };

    private readonly Option<bool> _follow = new("--follow", "-f")
    {
        Description = "Goes on with the rows that come, until interrupted; a broken connection is taken up where it ended.",
    };

    private readonly Option<bool> _context = new("--context")
    {
        Description = "Shows each row's context and resource on a line below it.",
    };

    private readonly FormatOption _format;

    private LogsCommand()
    {
        _filters = new LogFilters(_command);
        _command.Options.Add(_limit);
        _command.Options.Add(_follow);
        _command.Options.Add(_context);
        _format = new FormatOption(_command, "text", "jsonl");
    }

    public static Command Create(CommandRunner runner)
    {
        var logs = new LogsCommand();
        var api = new ApiAccess(logs._command);
        runner.Runs(logs._command, async (parsed, context, cancellation) =>
        {
            using var client = api.Open(parsed, context);
            return await logs.RunAsync(parsed, context, client, cancellation);
        });
        return logs._command;
    }

    private async Task<int> RunAsync(
        ParseResult parsed, CommandContext context, ApiClient client, CancellationToken cancellation)
    {
        var limit = parsed.GetValue(_limit);
        var follow = parsed.GetValue(_follow);
        if (limit < (follow ? 0 : 1) || limit > (follow ? PageRows : MaxRows))
        {
            var legal = follow ? $"0 to {PageRows} with --follow" : $"1 to {MaxRows}";
            throw new UsageException($"--limit: '{limit}' is not legal; legal is {legal}.");
        }

        var asJson = _format.IsForPrograms(parsed, context.Output);
        var printer = new RowPrinter(context, asJson, parsed.GetValue(_context));
        var query = _filters.QueryOf(parsed).ToArray();
        return follow
            ? await new LiveFollower(client, context, printer).RunAsync(query, limit, cancellation)
            : await ShowAsync(context, client, printer, query, limit, cancellation);
    }

    private static async Task<int> ShowAsync(
        CommandContext context, ApiClient client, RowPrinter printer, string[] query, int limit,
        CancellationToken cancellation)
    {
        // Newest first from the API, so that it stops at the limit; oldest first for the reader.
        var rows = new List<JsonElement>();
        string? cursor = null;
        do
        {
            var path = PathOf(query, Math.Min(PageRows, limit - rows.Count), cursor);
            var page = await client.GetAsync(path, cancellation);
            if (cursor is null)
            {
                printer.PrintGaps(page);
            }

            rows.AddRange(page.Items("logs"));
            cursor = page.Text("next_cursor");
        }
        while (cursor is not null && rows.Count < limit);

        for (var i = rows.Count - 1; i >= 0; i--)
        {
            printer.Print(rows[i]);
        }

        if (cursor is not null)
        {
            await context.Output.Text.FlushAsync(cancellation);
            context.Errors.WriteLine($"Only the newest {rows.Count} rows are shown, more match: see --limit.");
        }

        return ExitCode.Ok;
    }

    private static string PathOf(string[] query, int limit, string? cursor)
    {
        var parts = query.Append(LogFilters.Part("limit", limit.ToString(CultureInfo.InvariantCulture)));
        parts = cursor is null ? parts : parts.Append(LogFilters.Part("cursor", cursor));
        return "/api/logs?" + string.Join('&', parts);
    }
}
