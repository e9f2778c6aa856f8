using System.CommandLine;
using Collector.Hosting;
using Collector.Storage;
using Collector.Storage.Sqlite.Outside;

namespace Collector.Commands;

/// <summary>Runs a command with the settings of this run; what went wrong becomes a line and an exit code.</summary>
internal sealed class CommandRunner(string[] settings)
{
    public Task<int> ServeAsync() =>
        CheckedOptions.TryRead(settings, Console.Error, out var options)
            ? CollectorProgram.ServeAsync(options)
            : Task.FromResult(ExitCode.BadSettings);

    public void Runs(Command command, Func<ParseResult, CommandContext, CancellationToken, Task<int>> run) =>
        command.SetAction((parsed, cancellation) => RunAsync(command.Name, context => run(parsed, context, cancellation)));

    private async Task<int> RunAsync(string name, Func<CommandContext, Task<int>> run)
    {
        if (!CheckedOptions.TryRead(settings, Console.Error, out var options))
        {
            return ExitCode.BadSettings;
        }

        using var output = Output.Standard();
        try
        {
            return await run(new CommandContext(output, Console.Error, options, TimeProvider.System));
        }
        catch (Exception error) when (IsExpected(error))
        {
            // What came before it first.
            await output.Text.FlushAsync();
            Console.Error.WriteLine($"collector {name}: {error.Message}");
            return ExitCode.Failed;
        }
        catch (UsageException error)
        {
            Console.Error.WriteLine(error.Message);
            return ExitCode.BadSettings;
        }
        catch (OperationCanceledException)
        {
            await output.Text.FlushAsync();
            return ExitCode.Interrupted;
        }
    }

    private static bool IsExpected(Exception error) =>
        error is IOException or UnauthorizedAccessException or StoreUnavailableException or QuestionException;
}

/// <summary>The command line is wrong in a way that only shows when its values are put together.</summary>
internal sealed class UsageException(string message) : Exception(message);
