using System.CommandLine;
using System.Globalization;
using Collector.Hosting;
using Collector.Storage;
using Collector.Storage.Folder;

namespace Collector.Commands;

/// <summary><c>collector backup</c>: the data folder as it is now, whether a Collector runs on it or not.</summary>
internal static class BackupCommand
{
    public static Command Create(CommandRunner runner)
    {
        var command = new ExampleCommand("backup",
            "Copies the data folder (--Storage:Path) and the spool (--Spool:Path) into a new folder, with the checksum of each "
            + "file. A Collector may be running on them, and goes on: whatever it acknowledged before is in the backup.\n"
            + "Sealed segments never change: on the same file system they get a second name instead of a copy, which takes no "
            + "room, and is damaged where the first one is. --copy copies them.",
            "collector backup --to /backups/2026-01-31",
            "collector backup --to /mnt/other-disk/collector --copy --Storage:Path=/var/lib/collector",
            "collector doctor --store /backups/2026-01-31");
        var target = new Option<string>("--to")
        {
            Description = "The folder to make; one that holds something is left alone.",
            HelpName = "FOLDER",
            Required = true,
        };
        var copies = new Option<bool>("--copy") { Description = "Copies sealed segments too." };
        command.Options.Add(target);
        command.Options.Add(copies);
        runner.Runs(command, async (parsed, context, cancellation) => await Task.Run(
            () => Run(context, parsed.GetRequiredValue(target), parsed.GetValue(copies), cancellation), cancellation));
        return command;
    }

    private static int Run(CommandContext context, string target, bool copies, CancellationToken cancellation)
    {
        PrivateFiles.LeaveOthersNothing();
        // Producers of a Collector beside it wait for their acknowledgement; nobody waits for this.
        ThreadNiceness.Lower(ThreadNiceness.Searches);
        var folder = Path.GetFullPath(context.Options.Storage.Path);
        var spool = Path.GetFullPath(context.Options.Spool.Path);
        var backup = new FolderBackup(folder, spool, copies, FileSync.Default, context.Clock);
        var manifest = backup.Run(Path.GetFullPath(target), Observability.Version, cancellation);
        foreach (var remark in manifest.Remarks)
        {
            context.Errors.WriteLine($"collector backup: {remark.Name} {remark.Text}");
        }

        context.Output.Text.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{target}: {BackupText.Of(manifest)}. It holds whatever was acknowledged before {manifest.BegunAt}"));
        return manifest.Remarks.Any(static remark => remark.IsLoss) ? ExitCode.RowsLost : ExitCode.Ok;
    }
}
