using System.CommandLine;
using System.Globalization;
using Collector.Hosting;
using Collector.Storage.Sqlite.Outside;

namespace Collector.Commands;

/// <summary><c>collector sql</c>: a question in SQL to the files of the data folder, whether a Collector runs or not.</summary>
internal static class SqlCommand
{
    public static Command Create(CommandRunner runner)
    {
        var command = new ExampleCommand("sql",
            "Asks the data folder (--Storage:Path) in SQL, read-only; a Collector may be running on it.\n"
            + "The view tail_logs has the columns of schema/sqlite/tail_logs.sql, with resource_json in the place of resource_id. "
            + $"It spans at most {FolderQuery.MostSegments} segments; for more, see export.",
            """collector sql "SELECT worker_name, count(*) AS errors FROM tail_logs WHERE log_level = 'error' GROUP BY 1 ORDER BY 2 DESC" --from 1h""",
            """collector sql "SELECT timestamp, message FROM tail_logs ORDER BY timestamp DESC LIMIT 20" --format table""",
            """collector sql "SELECT * FROM tail_logs" --from 2026-01-31 --to 2026-02-01 --Storage:Path=/var/lib/collector | jq .message""");
        var question = new Argument<string>("SELECT") { Description = "One SQL statement that reads." };
        var format = new Option<string>("--format") { Description = "table, jsonl (an object a line) or tsv. Default: table in a terminal, otherwise jsonl." };
        format.AcceptOnlyFromAmong("table", "jsonl", "tsv");
        command.Arguments.Add(question);
        var span = new SpanOptions(command, TimeProvider.System);
        command.Options.Add(format);
        runner.Runs(command, (parsed, context, _) => Task.FromResult(
            Run(context, parsed.GetRequiredValue(question), span.Of(parsed), parsed.GetValue(format))));
        return command;
    }

    private static int Run(CommandContext context, string question, TimeRange range, string? format)
    {
        var folder = Path.GetFullPath(context.Options.Storage.Path);
        var segments = SegmentSource.In(folder).Where(segment => segment.HasRowsIn(range)).ToArray();
        if (segments.Length > FolderQuery.MostSegments)
        {
            context.Errors.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"collector sql: {segments.Length} segments hold rows of this span, and SQLite takes {FolderQuery.MostSegments} at once. Narrow it with --from and --to, or copy it into one file first: collector export --from … --to … --out FILE.db"));
            return ExitCode.Failed;
        }

        using var query = FolderQuery.Open(segments, range);
        using (var answer = query.Ask(question))
        {
            var writer = RowFormat.Of(format ?? (context.Output.IsTerminal ? "table" : "jsonl"), context.Output, answer.Columns);
            while (answer.TryNext(out var row))
            {
                writer.Write(row);
            }

            writer.End();
        }

        return TellDisturbed(context, query);
    }

    private static int TellDisturbed(CommandContext context, FolderQuery query)
    {
        context.Output.Text.Flush();
        var disturbed = query.Disturbed.ToArray();
        foreach (var path in disturbed)
        {
            context.Errors.WriteLine($"collector sql: {path} was deleted or begun to be written to while it was read; the answer may be wrong, ask again.");
        }

        return disturbed.Length == 0 ? ExitCode.Ok : ExitCode.Failed;
    }
}
