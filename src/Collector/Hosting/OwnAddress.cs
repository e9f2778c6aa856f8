using System.Net;
using System.Net.NetworkInformation;

namespace Collector.Hosting;

/// <summary>Whether a URL leads back to an address that Collector listens on. Names are not looked up.</summary>
internal static class OwnAddress
{
    public static bool IsReachedBy(Uri url, IPEndPoint listening) =>
        url.Port == listening.Port && (IPAddress.TryParse(url.Host.Trim('[', ']'), out var address)
            ? IsReachedBy(Plain(address), Plain(listening.Address))
            : IsReachedBy(url.Host, listening.Address));

    private static bool IsReachedBy(IPAddress address, IPAddress listening) =>
        address.Equals(listening) || (IsAny(listening) && (IPAddress.IsLoopback(address) || IsAny(address) || IsOfThisMachine(address)));

    private static bool IsReachedBy(string host, IPAddress listening) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? IsAny(listening) || IPAddress.IsLoopback(listening)
        : host.Equals(Environment.MachineName, StringComparison.OrdinalIgnoreCase) && !IPAddress.IsLoopback(listening);

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static bool IsOfThisMachine(IPAddress address) => NetworkInterface.GetAllNetworkInterfaces()
        .SelectMany(static network => network.GetIPProperties().UnicastAddresses)
        .Any(own => own.Address.Equals(address));
}
