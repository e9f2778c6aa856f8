using System.CommandLine;
using System.Net;
using Collector.Hosting;

namespace Collector.Commands;

/// <summary><c>collector healthcheck</c>: asks the running Collector whether it is ready, for images without curl.</summary>
internal static class HealthCommand
{
    public static Command Create(CommandRunner runner)
    {
        var command = new ExampleCommand("healthcheck", "Asks a running Collector whether it is ready: 0 if it is, 1 if not.", "collector healthcheck");
        command.Aliases.Add("health");
        runner.Runs(command, (_, context, cancellation) => RunAsync(context, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellation)
    {
        var web = context.Options.Listen.Web;
        var address = web.Address.Equals(IPAddress.Any) ? IPAddress.Loopback
            : web.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback
            : web.Address;
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(3) };
        try
        {
            using var response = await client.GetAsync(new Uri($"http://{new IPEndPoint(address, web.Port)}/readyz"), cancellation);
            context.Output.Text.Write(await response.Content.ReadAsStringAsync(cancellation));
            return response.IsSuccessStatusCode ? ExitCode.Ok : ExitCode.Failed;
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
        {
            context.Errors.WriteLine(error.Message);
            return ExitCode.Failed;
        }
    }
}
