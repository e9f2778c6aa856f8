using System.CommandLine;
using Collector.Hosting;
using Collector.Storage.Folder;

namespace Collector.Commands.Doctor;

/// <summary><c>collector doctor</c>: looks at what a Collector with these settings depends on, and at one that runs.</summary>
internal static class DoctorCommand
{
    public static Command Create(CommandRunner runner)
    {
        var command = new ExampleCommand("doctor",
            "Checks settings, ports, disk, SQLite, the data folder, the clock, and a Collector that runs. "
            + "With --store it reads every page of every file of a data folder or a backup, and nothing else; a Collector may be "
            + "running on it. 0: nothing fails; 1: something does.",
            "collector doctor",
            "collector doctor --store /var/lib/collector",
            "collector doctor --Storage:Path=/var/lib/collector --format jsonl | jq 'select(.verdict != \"ok\")'");
        var format = new FormatOption(command, "text", "jsonl");
        var url = ApiAddress.Option(command);
        var keyFile = ApiAccess.KeyFileOption();
        command.Options.Add(keyFile);
        var store = new Option<string?>("--store")
        {
            Description = "A data folder or a backup, of which every page is to be read.",
            HelpName = "FOLDER",
        };
        command.Options.Add(store);
        runner.RunsAnyway(command, async (parsed, context, cancellation) =>
        {
            var asJson = format.IsForPrograms(parsed, context.Output);
            return parsed.GetValue(store) is { } folder
                ? await Task.Run(() => Tell(context, CheckFiles(context, Path.GetFullPath(folder), cancellation), asJson), cancellation)
                : await RunAsync(context, parsed.GetValue(url), parsed.GetValue(keyFile), asJson, cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        CommandContext context, Uri? url, string? keyFile, bool asJson, CancellationToken cancellation)
    {
        var instance = await InstanceCheck.AskAsync(context, url, keyFile, cancellation);
        var folder = Path.GetFullPath(context.Options.Storage.Path);
        var store = new StoreCheck(folder, context.Clock);
        IEnumerable<Finding> all =
        [
            .. SettingsCheck.Run(context),
            .. AccessCheck.Run(context),
            .. PortsCheck.Run(context.Options.Listen, instance.IsRunning),
            .. HandlesCheck.Run(folder, instance.IsRunning, context.Options.Limits.Connections),
            .. DiskCheck.Run("data folder", folder, context),
            .. DiskCheck.Run("spool folder", Path.GetFullPath(context.Options.Spool.Path), context),
            .. SqliteCheck.Run(),
            .. store.Run(),
            .. instance.Findings,
        ];

        return Tell(context, all, asJson);
    }

    // The spool is below the folder, unless the settings speak of this folder and say otherwise.
    private static IEnumerable<Finding> CheckFiles(CommandContext context, string folder, CancellationToken cancellation)
    {
        var isOfTheSettings = Path.GetFullPath(context.Options.Storage.Path) == folder;
        var spool = isOfTheSettings ? Path.GetFullPath(context.Options.Spool.Path) : Path.Combine(folder, StoreFiles.Spool);
        return StoreFilesCheck.Run(folder, spool, cancellation);
    }

    private static int Tell(CommandContext context, IEnumerable<Finding> all, bool asJson)
    {
        var print = Printer(context, asJson);
        var fails = 0;
        foreach (var finding in all)
        {
            print(finding);
            fails += finding.Verdict == Verdict.Fail ? 1 : 0;
        }

        return fails == 0 ? ExitCode.Ok : ExitCode.Failed;
    }

    private static Action<Finding> Printer(CommandContext context, bool asJson)
    {
        var ink = context.Output.Ansi;
        if (asJson)
        {
            var lines = new JsonLinesFormat(context.Output, ["verdict", "topic", "text"]);
            return finding => lines.Write([Word(finding.Verdict), finding.Topic, finding.Text]);
        }

        return finding =>
        {
            var word = Word(finding.Verdict).PadRight(4);
            var mark = finding.Verdict switch
            {
                Verdict.Ok => ink.Green(word),
                Verdict.Warn => ink.Yellow(word),
                _ => ink.Red(word),
            };
            context.Output.Text.WriteLine($"{mark}  {finding.Topic,-12}  {VisibleText.Of(finding.Text)}");
        };
    }

    private static string Word(Verdict verdict) => verdict switch
    {
        Verdict.Ok => "ok",
        Verdict.Warn => "warn",
        _ => "fail",
    };
}
