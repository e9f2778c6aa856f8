using System.Net;
using System.Net.Sockets;
using Collector.Hosting;

namespace Collector.Commands.Doctor;

/// <summary>Whether the addresses can be listened on, or are by a Collector.</summary>
internal static class PortsCheck
{
    private const string Topic = "ports";

    public static IEnumerable<Finding> Run(ListenOptions listen, bool isRunning) =>
    [
        Look("Listen:Grpc", listen.Grpc, isRunning),
        Look("Listen:Http", listen.Http, isRunning),
        Look("Listen:Web", listen.Web, isRunning),
    ];

    private static Finding Look(string setting, IPEndPoint address, bool isRunning)
    {
        if (address.Port == 0)
        {
            return Finding.Ok(Topic, $"{setting} {address}: any free port");
        }

        using var listener = new TcpListener(address) { ExclusiveAddressUse = true };
        try
        {
            listener.Start();
            return Finding.Ok(Topic, $"{setting} {address}: free");
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return isRunning
                ? Finding.Ok(Topic, $"{setting} {address}: in use, and a Collector runs")
                : Finding.Fail(Topic, $"{setting} {address}: in use, and no Collector answers; another program has it");
        }
        catch (SocketException e)
        {
            return Finding.Fail(Topic, $"{setting} {address}: {e.Message}");
        }
    }
}
