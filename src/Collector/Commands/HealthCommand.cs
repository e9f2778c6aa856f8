using System.CommandLine;
using System.Net;
using Collector.Hosting;

namespace Collector.Commands;

/// <summary><c>collector healthcheck</c>: asks a Collector whether it is ready, for images without curl.</summary>
internal static class HealthCommand
{
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(3);

    public static Command Create(CommandRunner runner)
    {
        var command = new ExampleCommand(
            "healthcheck", "Asks a running Collector whether it is ready: 0 if it is, 1 if not.",
            "collector healthcheck", "collector healthcheck --url http://logs:4380");
        command.Aliases.Add("health");
        var url = ApiAddress.Option(command);
        runner.Runs(command, (parsed, context, cancellation) => RunAsync(context, parsed.GetValue(url), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, Uri? url, CancellationToken cancellation)
    {
        using var client = new ApiClient(ApiAddress.Of(context, url), key: null, OwnTrust.NewHandler(context));
        using var limit = new CancellationTokenSource(_timeout, context.Clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            var (status, text) = await client.ReadTextAsync("/readyz", both.Token);
            context.Output.Text.Write(text);
            return status == HttpStatusCode.OK ? ExitCode.Ok : ExitCode.Failed;
        }
        catch (ApiException error)
        {
            // Container runtimes expect 1 from an unhealthy container, whatever the reason.
            context.Errors.WriteLine(error.Message);
            return ExitCode.Failed;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            context.Errors.WriteLine($"No answer within {_timeout.TotalSeconds:0} s.");
            return ExitCode.Failed;
        }
    }
}
