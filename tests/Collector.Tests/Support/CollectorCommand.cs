using System.Diagnostics;
using Collector.Commands;

namespace Collector.Tests.Support;

/// <summary>What a command said and how it ended.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Errors)
{
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>Runs a command of the real executable, with its output in pipes; or without a process of its own.</summary>
internal static class CollectorCommand
{
    public static Task<CommandResult> RunAsync(params string[] arguments) => EndAsync(Start(arguments));

    /// <summary>As the child of another program, such as strace.</summary>
    public static Task<CommandResult> RunUnderAsync(string[] other, params string[] arguments) =>
        EndAsync(Start([.. other, "dotnet"], arguments));

    private static async Task<CommandResult> EndAsync(Process started)
    {
        using var process = started;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new CommandResult(process.ExitCode, await output, await errors);
    }

    /// <summary>With text in its standard input.</summary>
    public static Task<CommandResult> RunWithInputAsync(string input, params string[] arguments)
    {
        var process = Start(arguments);
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        return EndAsync(process);
    }

    /// <summary>As a call in this process, for what a process of its own adds nothing to.</summary>
    public static async Task<CommandResult> CallAsync(params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var errors = new StringWriter { NewLine = "\n" };
        var exitCode = await CommandLine.RunAsync(arguments, () => new Output(output, isTerminal: false), output, errors, Program.Commands);
        return new CommandResult(exitCode, output.ToString(), errors.ToString());
    }

    /// <summary>For a command that runs until the test has seen enough.</summary>
    public static Process Start(params string[] arguments) => Start(["dotnet"], arguments);

    private static Process Start(string[] program, string[] arguments) =>
        Process.Start(new ProcessStartInfo(program[0], [.. program[1..], Path.Combine(AppContext.BaseDirectory, "Collector.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = Path.GetTempPath(),
        })!;

    /// <summary>As Ctrl-C in a terminal; waits for the end.</summary>
    public static async Task InterruptAsync(Process process)
    {
        using var kill = Process.Start("kill", ["-INT", $"{process.Id}"]);
        await kill.WaitForExitAsync();
        await process.WaitForExitAsync();
    }
}
