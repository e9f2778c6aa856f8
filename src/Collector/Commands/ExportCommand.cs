using System.CommandLine;
using System.Globalization;
using Collector.Hosting;
using Collector.Storage.Folder;

namespace Collector.Commands;

/// <summary><c>collector export</c>: a span of time as one SQLite file, whether a Collector runs or not.</summary>
internal static class ExportCommand
{
    public static Command Create(CommandRunner runner)
    {
        var command = new ExampleCommand("export",
            "Copies a span of the data folder (--Storage:Path) into one new SQLite file with all indexes: tail_logs, "
            + "tail_resources (joined by resource_id) and tail_gaps. A Collector may be running on the folder.",
            "collector export --from 1d --out yesterday.db",
            "collector export --from 2026-01-01 --to 2026-02-01 --out january.db --Storage:Path=/var/lib/collector");
        var target = new Option<string>("--out")
        {
            Description = "The file to make; one that is there is never overwritten.",
            HelpName = "FILE",
            Required = true,
        };
        var span = new SpanOptions(command, TimeProvider.System);
        command.Options.Add(target);
        runner.Runs(command, async (parsed, context, cancellation) => await Task.Run(
            () => Run(context, parsed.GetRequiredValue(target), span.Of(parsed), cancellation), cancellation));
        return command;
    }

    private static int Run(CommandContext context, string target, TimeRange range, CancellationToken cancellation)
    {
        var export = new FolderExport(SegmentSource.In(Path.GetFullPath(context.Options.Storage.Path)), range);
        var done = export.Run(target, cancellation);
        foreach (var path in done.Vanished)
        {
            context.Errors.WriteLine(
                $"collector export: {path} was deleted before it was copied; its rows are not in the file.");
        }

        context.Output.Text.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{target}: {done.Rows} rows, {done.Gaps} gaps, {done.Bytes} bytes"));
        return ExitCode.Ok;
    }
}
