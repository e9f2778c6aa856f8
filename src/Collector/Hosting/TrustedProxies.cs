using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace Collector.Hosting;

/// <summary>
/// The proxies whose word on a caller's address is taken (<c>X-Forwarded-For</c>), so that their callers count one by one, and
/// on whether it spoke TLS (<c>X-Forwarded-Proto</c>), so that a login stays on it. From anybody else these headers say nothing.
/// </summary>
internal sealed class TrustedProxies(IReadOnlyList<System.Net.IPNetwork> networks)
{
    public bool Are(IPAddress? address) =>
        address is not null && networks.Any(network => network.Contains(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address));

    /// <summary>What is called instead of <paramref name="next"/>; itself where there are none.</summary>
    public RequestDelegate Before(RequestDelegate next, ILoggerFactory logs)
    {
        if (networks.Count == 0)
        {
            return next;
        }

        // From the nearest on, as long as each is a proxy of ours.
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = null };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in networks)
        {
            options.KnownIPNetworks.Add(network);
        }

        return new ForwardedHeadersMiddleware(next, logs, Options.Create(options)).Invoke;
    }
}
