using System.Net;

namespace Collector.Commands.Doctor;

/// <summary>Whether a Collector would start with these settings, and whether somebody else could send to it.</summary>
internal static class SettingsCheck
{
    private const string Topic = "settings";

    public static IEnumerable<Finding> Run(CommandContext context)
    {
        foreach (var mistake in context.Mistakes)
        {
            yield return Finding.Fail(Topic, $"{mistake}");
        }

        if (context.Mistakes.Count == 0)
        {
            yield return Finding.Ok(Topic, $"all are legal");
        }

        IPEndPoint[] open = [context.Options.Listen.Grpc, context.Options.Listen.Http];
        if (context.Options.Ingest.Keys.Count == 0 && open.Any(static address => !IPAddress.IsLoopback(address.Address)))
        {
            yield return Finding.Warn(Topic, $"Listen:Grpc or Listen:Http is reachable from other machines and Ingest:Keys is empty: anybody may send");
        }
    }
}
