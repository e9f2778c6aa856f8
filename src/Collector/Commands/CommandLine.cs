using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Collector.Hosting;

namespace Collector.Commands;

/// <summary>From the command line to an exit code.</summary>
internal static class CommandLine
{
    /// <param name="arguments">Of the process.</param>
    /// <param name="commands">Create the commands, in the order in which the help shows them.</param>
    public static Task<int> RunAsync(string[] arguments, params Func<CommandRunner, Command>[] commands) =>
        RunAsync(arguments, Output.Standard, Console.Out, Console.Error, commands);

    /// <param name="arguments">Of the process.</param>
    /// <param name="openOutput">Opens what a command writes to; the command disposes it.</param>
    /// <param name="help">Takes the help.</param>
    /// <param name="errors">Takes the mistakes.</param>
    /// <param name="commands">Create the commands, in the order in which the help shows them.</param>
    public static async Task<int> RunAsync(
        string[] arguments, Func<Output> openOutput, TextWriter help, TextWriter errors, params Func<CommandRunner, Command>[] commands)
    {
        var (settings, rest) = SettingArguments.Split(arguments);
        var runner = new CommandRunner(settings, openOutput, errors);
        var parsed = Root(runner, commands).Parse(rest);
        var isError = parsed.Action is ParseErrorAction;
        // The server handles signals itself; other commands are cancelled and have two seconds to tidy up.
        var isServer = parsed.CommandResult.Command is RootCommand or { Name: ServeCommand.Name };
        var exitCode = await parsed.InvokeAsync(new InvocationConfiguration
        {
            // The help that explains an error must not reach the program that reads the answer.
            Output = isError ? errors : help,
            EnableDefaultExceptionHandler = false,
            Error = errors,
            ProcessTerminationTimeout = isServer ? null : TimeSpan.FromSeconds(2),
        });
        return isError ? ExitCode.BadSettings : exitCode;
    }

    private static RootCommand Root(CommandRunner runner, Func<CommandRunner, Command>[] commands)
    {
        var root = new RootCommand(
            "Takes in logs and traces over OTLP, keeps them in SQLite files, and answers questions about them. "
            + "Without a command it serves.\n\n"
            + "Settings (--Section:Key=value) may be given to every command; the README lists them.");
        foreach (var create in commands)
        {
            root.Subcommands.Add(create(runner));
        }

        root.SetAction((_, _) => runner.ServeAsync());
        if (root.Options.OfType<HelpOption>().FirstOrDefault() is { Action: HelpAction help } option)
        {
            option.Action = new HelpWithExamples(help);
        }

        return root;
    }
}
