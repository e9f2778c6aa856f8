using System.Net;
using System.Net.Sockets;

namespace Collector.Limits;

/// <summary>What one caller may take of what is everybody's, and who counts as one.</summary>
internal static class Share
{
    private const int BytesOfNetwork = 8;

    /// <summary>All but a tenth, and one at least.</summary>
    public static int Of(int places) => Math.Max(Math.Min(places, 1), places - ((places + 9) / 10));

    /// <summary>
    /// The address that counts. Of IPv6 it is the network of 64 bits: a single machine has all of its addresses.
    /// </summary>
    public static IPAddress OwnerOf(IPAddress? address)
    {
        if (address is null || address.IsIPv4MappedToIPv6 || address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address?.MapToIPv4() ?? IPAddress.None;
        }

        if (IPAddress.IsLoopback(address))
        {
            return address;
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(BytesOfNetwork).Clear();
        return new IPAddress(bytes);
    }
}
