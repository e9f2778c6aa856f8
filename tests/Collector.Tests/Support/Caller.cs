using System.Net;
using System.Net.Sockets;

namespace Collector.Tests.Support;

/// <summary>Somebody at an address of its own: each of 127.0.0.0/8 is this machine.</summary>
internal static class Caller
{
    public static HttpClient At(string address, int? receiveBytes = null) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (context, cancellation) => new NetworkStream(
            await ConnectAsync(address, (context.DnsEndPoint.Host, context.DnsEndPoint.Port), receiveBytes, cancellation), ownsSocket: true),
    });

    public static Task<Socket> ConnectAsync(string address, IPEndPoint to) =>
        ConnectAsync(address, (to.Address.ToString(), to.Port), null, CancellationToken.None);

    private static async Task<Socket> ConnectAsync(string address, (string Host, int Port) to, int? receiveBytes, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.ReceiveBufferSize = receiveBytes ?? socket.ReceiveBufferSize;
        socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        await socket.ConnectAsync(IPAddress.Parse(to.Host), to.Port, cancellation);
        return socket;
    }
}
