using System.CommandLine;
using Collector.Hosting;
using Collector.Storage.Folder;

namespace Collector.Commands;

/// <summary><c>collector sql</c>: a question in SQL to the data folder, whether a Collector runs on it or not.</summary>
internal static class SqlCommand
{
    public static Command Create(CommandRunner runner)
    {
        var command = new ExampleCommand("sql",
            "Asks the data folder (--Storage:Path) in SQL, read-only; a Collector may be running on it.\n"
            + "The view tail_logs has the columns of schema/sqlite/tail_logs.sql, resource_json in the place of resource_id. "
            + $"It spans at most {FolderQuery.MaxSegments} segments; for more, see export.",
            """collector sql "SELECT worker_name, count(*) FROM tail_logs WHERE log_level = 'error' GROUP BY 1" --from 1h""",
            """collector sql "SELECT timestamp, message FROM tail_logs ORDER BY timestamp DESC LIMIT 20" --format table""",
            """collector sql "SELECT * FROM tail_logs" --from 2026-01-31 --to 2026-02-01 | jq .message""",
            """collector sql "SELECT count(*) FROM tail_logs" --Storage:Path=/var/lib/collector""");
        var query = new Argument<string>("SELECT") { Description = "One SQL statement that reads." };
        command.Arguments.Add(query);
        var span = new SpanOptions(command, TimeProvider.System);
        var format = new FormatOption(command, "table", "jsonl", "tsv");
        runner.Runs(command, (parsed, context, cancellation) => Task.FromResult(
            Run(context, parsed.GetRequiredValue(query), span.Of(parsed), format.Of(parsed, context.Output), cancellation)));
        return command;
    }

    private static int Run(CommandContext context, string query, TimeRange range, string format, CancellationToken cancellation)
    {
        var folder = Path.GetFullPath(context.Options.Storage.Path);
        var segments = SegmentSource.In(folder).Where(segment => segment.HasRowsIn(range)).ToArray();
        if (segments.Length > FolderQuery.MaxSegments)
        {
            context.Errors.WriteLine(
                $"collector sql: {segments.Length} segments hold rows of this span, and SQLite takes {FolderQuery.MaxSegments} "
                + "at once. Narrow it with --from and --to, or copy it into one file first: "
                + "collector export --from … --to … --out FILE.db");
            return ExitCode.Failed;
        }

        using var folderQuery = FolderQuery.Open(segments, range);
        Answer(context, folderQuery, query, format, cancellation);
        return TellDisturbed(context, folderQuery);
    }

    private static void Answer(
        CommandContext context, FolderQuery folder, string query, string format, CancellationToken cancellation)
    {
        using var interruption = cancellation.Register(folder.Interrupt);
        try
        {
            using var answer = folder.Ask(query);
            RowFormat writer = format switch
            {
                "table" => new TableFormat(context.Output.Text, answer.Columns),
                "tsv" => new TabFormat(context.Output.Text, answer.Columns),
                _ => new JsonLinesFormat(context.Output, answer.Columns),
            };
            while (!cancellation.IsCancellationRequested && answer.TryNext(out var row))
            {
                writer.Write(row);
            }

            cancellation.ThrowIfCancellationRequested();
            writer.End();
        }
        catch (QueryException)
        {
            // An interrupted statement fails this way.
            cancellation.ThrowIfCancellationRequested();
            throw;
        }
    }

    private static int TellDisturbed(CommandContext context, FolderQuery query)
    {
        context.Output.Text.Flush();
        var disturbed = query.Disturbed.ToArray();
        foreach (var path in disturbed)
        {
            context.Errors.WriteLine(
                $"collector sql: {path} was deleted or written to while it was read; the answer may be wrong, ask again.");
        }

        return disturbed.Length == 0 ? ExitCode.Ok : ExitCode.Failed;
    }
}
