using System.CommandLine;
using Collector.Hosting;
using Collector.Model;
using Collector.Storage;
using Collector.Storage.Folder;

namespace Collector.Commands;

/// <summary><c>collector restore</c>: a data folder of a backup, once the backup is found to be what it was.</summary>
internal static class RestoreCommand
{
    public static Command Create(CommandRunner runner)
    {
        var command = new ExampleCommand("restore",
            "Checks a backup (every file and its checksum, every page, the ledger) and copies it into a new folder, which a "
            + "Collector then starts on. The backup stays as it is. 0: all is there; 1: nothing was restored; 3: restored, but "
            + "something was damaged or missing already when the backup was made.",
            "collector restore --from /backups/2026-01-31 --to /var/lib/collector",
            "collector restore --from /backups/2026-01-31 --to ./restored && collector serve --Storage:Path=./restored");
        var source = new Option<string>("--from") { Description = "The backup.", HelpName = "FOLDER", Required = true };
        var target = new Option<string>("--to")
        {
            Description = "The folder to make; one that holds something is left alone.",
            HelpName = "FOLDER",
            Required = true,
        };
        command.Options.Add(source);
        command.Options.Add(target);
        runner.Runs(command, async (parsed, context, cancellation) => await Task.Run(
            () => Run(context, parsed.GetRequiredValue(source), parsed.GetRequiredValue(target), cancellation), cancellation));
        return command;
    }

    private static int Run(CommandContext context, string source, string target, CancellationToken cancellation)
    {
        PrivateFiles.LeaveOthersNothing();
        var folder = Path.GetFullPath(source);
        var check = new BackupCheck(folder);
        var restore = new FolderRestore(folder, check.Manifest, FileSync.Default);
        if (restore.WhyNotInto(Path.GetFullPath(target)) is { } reason)
        {
            throw new IOException(reason);
        }

        if (Tell(context, check.Run(cancellation)) > 0)
        {
            context.Errors.WriteLine($"collector restore: {source} is not as it was written; nothing was restored.");
            return ExitCode.Failed;
        }

        var pages = new FolderCheck(folder, Path.Combine(folder, StoreFiles.Spool));
        var damaged = Tell(context, pages.Run(cancellation));
        var lost = check.Manifest.Remarks.Where(static remark => remark.IsLoss).ToArray();
        foreach (var remark in lost)
        {
            context.Errors.WriteLine($"collector restore: {remark.Name} {remark.Text}");
        }

        restore.Run(Path.GetFullPath(target), cancellation);
        Print(context, target, check.Manifest, pages);
        return damaged > 0 || lost.Length > 0 ? ExitCode.RowsLost : ExitCode.Ok;
    }

    // How many are damaged.
    private static int Tell(CommandContext context, IEnumerable<FileReport> reports)
    {
        var damaged = 0;
        foreach (var report in reports.Where(static report => report.State == FileState.Damaged))
        {
            context.Errors.WriteLine($"collector restore: {report.Name} {report.Text}");
            damaged++;
        }

        return damaged;
    }

    private static void Print(CommandContext context, string target, BackupManifest manifest, FolderCheck check)
    {
        var output = context.Output.Text;
        output.WriteLine($"{target}: {BackupText.Of(manifest)}, as of {manifest.BegunAt}");
        output.WriteLine(check.Rows == 0
            ? "no rows"
            : FormattableString.Invariant($"{check.Rows} rows from {Timestamps.ToText(check.Times.First)} to {Timestamps.ToText(check.Times.Last)}"));
        output.WriteLine(FormattableString.Invariant($"ledger: {check.Ledger.Received} received: {check.Ledger.Ends}"));
        var spooled = manifest.Files.Where(static file => file.Name.StartsWith(StoreFiles.Spool + "/", StringComparison.Ordinal)).ToArray();
        if (spooled.Length > 0)
        {
            output.WriteLine(
                $"spool: {ByteText.Of(spooled.Sum(static file => file.Bytes))} in {Path.Combine(target, StoreFiles.Spool)}, where Spool:Path must lead; "
                + "what waits in it is stored when a Collector starts");
        }
    }
}
