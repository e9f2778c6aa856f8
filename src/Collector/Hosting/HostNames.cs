using System.Net;

namespace Collector.Hosting;

/// <summary>
/// Which Host headers the web port answers. A page elsewhere can point a name of its own at this machine (DNS rebinding)
/// and would then read the API as its own origin; it can't do so with an address, with localhost, or with our own name.
/// </summary>
internal sealed class HostNames(IReadOnlyList<string> more)
{
    /// <summary>What is legal, for the answer to those that are not.</summary>
    public const string Legal = "an IP address, localhost, this machine's name, or a name in Listen:WebHosts";

    public bool Knows(string host) =>
        IPAddress.TryParse(host.Trim('[', ']'), out _)
        || Is(host, "localhost")
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || Is(host, Environment.MachineName)
        || more.Any(name => Is(host, name));

    private static bool Is(string host, string name) => host.Equals(name, StringComparison.OrdinalIgnoreCase);
}
