using System.CommandLine;
using Collector.Hosting;

namespace Collector.Commands.Doctor;

/// <summary><c>collector doctor</c>: looks at what a Collector with these settings depends on, and at one that runs.</summary>
internal static class DoctorCommand
{
    public static Command Create(CommandRunner runner)
    {
        var command = new ExampleCommand("doctor",
            "Checks settings, ports, disk, SQLite, the data folder, the clock, and a Collector that runs. "
            + "0: nothing fails; 1: something does.",
            "collector doctor",
            "collector doctor --Storage:Path=/var/lib/collector --format jsonl | jq 'select(.verdict != \"ok\")'");
        var format = new FormatOption(command, "text", "jsonl");
        var url = ApiAddress.Option(command);
        runner.RunsAnyway(command, (parsed, context, cancellation) => RunAsync(
            context, parsed.GetValue(url), format.IsForPrograms(parsed, context.Output), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        CommandContext context, Uri? url, bool asJson, CancellationToken cancellation)
    {
        var instance = await InstanceCheck.AskAsync(context, url, cancellation);
        var folder = Path.GetFullPath(context.Options.Storage.Path);
        var store = new StoreCheck(folder, context.Clock);
        IEnumerable<Finding> all =
        [
            .. SettingsCheck.Run(context),
            .. PortsCheck.Run(context.Options.Listen, instance.IsRunning),
            .. DiskCheck.Run("data folder", folder, context),
            .. DiskCheck.Run("spool folder", Path.GetFullPath(context.Options.Spool.Path), context),
            .. SqliteCheck.Run(),
            .. store.Run(),
            .. instance.Findings,
        ];

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
