using System.Net;

namespace Collector.Hosting;

/// <summary>Addresses as <c>IP:PORT</c>; port 0 picks a free one, and the log says which.</summary>
internal sealed class ListenOptions
{
    /// <summary>OTLP over gRPC. Default 127.0.0.1:4317.</summary>
    public IPEndPoint Grpc { get; set; } = new(IPAddress.Loopback, 4317);

    /// <summary>OTLP over HTTP. Default 127.0.0.1:4318.</summary>
    public IPEndPoint Http { get; set; } = new(IPAddress.Loopback, 4318);

    /// <summary>API and dashboard. Default 127.0.0.1:4380.</summary>
    public IPEndPoint Web { get; set; } = new(IPAddress.Loopback, 4380);

    /// <summary>
    /// Proxies, as addresses or networks such as 10.0.0.0/8, whose <c>X-Forwarded-For</c> says which caller a request is of.
    /// Default none: the connection's own address counts.
    /// </summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; set; } = Array.Empty<IPNetwork>();

    /// <summary>
    /// Names besides IP addresses, localhost and this machine's own under which <see cref="Web"/> is reached, such as
    /// the service's name in a container network. Others are answered 421. Default none.
    /// </summary>
    public IReadOnlyList<string> WebHosts { get; set; } = [];
}
