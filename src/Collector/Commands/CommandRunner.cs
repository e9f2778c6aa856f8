using System.CommandLine;
using Collector.Hosting;
using Collector.Storage;
using Collector.Storage.Folder;

namespace Collector.Commands;

/// <summary>Runs a command with the settings of this run; what went wrong becomes a line and an exit code.</summary>
internal sealed class CommandRunner(string[] settings, Func<Output> openOutput, TextWriter errors)
{
    public Task<int> ServeAsync() =>
        TryReadOptions(out var options)
            ? CollectorProgram.ServeAsync(options)
            : Task.FromResult(ExitCode.BadSettings);

    public void Runs(Command command, Func<ParseResult, CommandContext, CancellationToken, Task<int>> run) =>
        command.SetAction((parsed, cancellation) => TryReadOptions(out var options)
            ? RunAsync(command.Name, options, [], context => run(parsed, context, cancellation))
            : Task.FromResult(ExitCode.BadSettings));

    /// <summary>Also where settings are wrong, for a command whose business that is.</summary>
    public void RunsAnyway(Command command, Func<ParseResult, CommandContext, CancellationToken, Task<int>> run) =>
        command.SetAction((parsed, cancellation) =>
        {
            var (options, mistakes) = ReadOptions();
            return RunAsync(command.Name, options, mistakes, context => run(parsed, context, cancellation));
        });

    private bool TryReadOptions(out CollectorOptions options)
    {
        (options, var mistakes) = ReadOptions();
        foreach (var mistake in mistakes)
        {
            errors.WriteLine(mistake);
        }

        return mistakes.Count == 0;
    }

    // Each mistake is a line, and its setting has the default.
    private (CollectorOptions Options, IReadOnlyList<string> Mistakes) ReadOptions()
    {
        try
        {
            return Settings.Load(ConfigurationSources.Load(settings));
        }
        catch (Exception error) when (error is InvalidDataException or FormatException)
        {
            return (new CollectorOptions(), [$"The settings can't be read: {(error.InnerException ?? error).Message}"]);
        }
    }

    private async Task<int> RunAsync(
        string name, CollectorOptions options, IReadOnlyList<string> mistakes, Func<CommandContext, Task<int>> run)
    {
        using var output = openOutput();
        try
        {
            var context = new CommandContext(output, errors, options, TimeProvider.System);
            return await run(context with { Mistakes = mistakes });
        }
        catch (IOException error) when (Output.IsClosed(error))
        {
            // The reader of the pipe has what it wanted.
            return ExitCode.Ok;
        }
        catch (Exception error) when (IsExpected(error))
        {
            // The rows before the error come first.
            await output.Text.FlushAsync();
            errors.WriteLine($"collector {name}: {error.Message}");
            return ExitCode.Failed;
        }
        catch (ApiException error)
        {
            await output.Text.FlushAsync();
            errors.WriteLine($"collector {name}: {error.Message}");
            return error.IsUnreachable ? ExitCode.Unreachable
                : error.IsRefusal ? ExitCode.BadSettings
                : ExitCode.Failed;
        }
        catch (UsageException error)
        {
            errors.WriteLine(error.Message);
            return ExitCode.BadSettings;
        }
        catch (OperationCanceledException)
        {
            await output.Text.FlushAsync();
            return ExitCode.Interrupted;
        }
    }

    private static bool IsExpected(Exception error) =>
        error is IOException or UnauthorizedAccessException or StoreUnavailableException or QueryException;
}

/// <summary>The command line is wrong in a way that only shows when its values are put together.</summary>
internal sealed class UsageException(string message) : Exception(message);
