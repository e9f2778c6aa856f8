using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Collector.Commands.Doctor;
using Collector.Hosting;

namespace Collector.Commands;

/// <summary>From the command line to an exit code.</summary>
internal static class CommandLine
{
    public static Task<int> RunAsync(string[] arguments) => RunAsync(arguments, Output.Standard, Console.Out, Console.Error);

    /// <param name="arguments">The command line.</param>
    /// <param name="openOutput">Where a command writes; its own, to be disposed.</param>
    /// <param name="help">Where help goes.</param>
    /// <param name="errors">Where mistakes are told.</param>
    public static async Task<int> RunAsync(string[] arguments, Func<Output> openOutput, TextWriter help, TextWriter errors)
    {
        var (settings, rest) = SettingArguments.Split(arguments);
        var runner = new CommandRunner(settings, openOutput, errors);
        var root = Root(runner);
        var parsed = root.Parse(rest);
        if (parsed.Action is ParseErrorAction)
        {
            foreach (var error in parsed.Errors)
            {
                errors.WriteLine(error.Message);
            }

            errors.WriteLine("--help says what is legal; a setting is --Section:Key=value.");
            return ExitCode.BadSettings;
        }

        // Signals are the server's own business; other commands are cancelled and have two seconds to tidy up.
        var isServer = parsed.CommandResult.Command is RootCommand or { Name: ServeCommand.Name };
        return await parsed.InvokeAsync(new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            Output = help,
            Error = errors,
            ProcessTerminationTimeout = isServer ? null : TimeSpan.FromSeconds(2),
        });
    }

    private static RootCommand Root(CommandRunner runner)
    {
        var root = new RootCommand(
            "Takes in logs and traces over OTLP, keeps them in SQLite files, and answers questions about them. "
            + "Without a command it serves.\n\n"
            + "Settings (--Section:Key=value) may be given to every command; the README lists them.")
        {
            ServeCommand.Create(runner),
            LogsCommand.Create(runner),
            TraceCommand.Create(runner),
            StatsCommand.Create(runner),
            SendTestCommand.Create(runner),
            SqlCommand.Create(runner),
            ExportCommand.Create(runner),
            DoctorCommand.Create(runner),
            HealthCommand.Create(runner),
        };
        root.SetAction((_, _) => runner.ServeAsync());
        if (root.Options.OfType<HelpOption>().FirstOrDefault() is { Action: HelpAction help } option)
        {
            option.Action = new HelpWithExamples(help);
        }

        return root;
    }
}
