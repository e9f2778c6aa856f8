using System.Net;

namespace Collector.Commands.Doctor;

/// <summary>Whether a Collector would start with these settings, and whether other machines could send to it.</summary>
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

        IPEndPoint[] doors = [context.Options.Listen.Grpc, context.Options.Listen.Http];
        var isOpen = doors.Any(static address => !IPAddress.IsLoopback(address.Address));
        if (isOpen && context.Options.Ingest.Keys.Count == 0)
        {
            yield return Finding.Warn(
                Topic, $"other machines reach Listen:Grpc or Listen:Http, and Ingest:Keys is empty: anybody may send");
        }
    }
}
