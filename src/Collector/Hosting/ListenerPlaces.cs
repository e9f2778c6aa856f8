using System.Net;
using System.Threading.RateLimiting;
using Collector.Diagnostics;
using Collector.Limits;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Collector.Hosting;

/// <summary>
/// The places of connections, which all ports share. A listener accepts only what there is a place for; while there is none,
/// callers wait in the kernel's backlog. An address that has its share is told so and its connection ends. Where the process
/// has hardly a descriptor left, whatever took them, accepting pauses: Kestrel's own listener would try without end, and
/// the runtime dies when it can't open a file.
/// </summary>
internal sealed partial class ListenerPlaces(Places places, TrustedProxies proxies, CollectorMetrics metrics, TimeProvider clock, ILogger log)
{
    // At once; each has a descriptor meanwhile. Others are cut.
    private const int MaxAnswering = 16;

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(250);

    private readonly RareWord _full = new(clock);
    private readonly RareWord _scarce = new(clock);
    private readonly RareWord _refused = new(clock);
    private int _answering;

    public TimeProvider Clock => clock;

    /// <summary>Puts itself between Kestrel and its sockets.</summary>
    public void AddTo(IServiceCollection services)
    {
        services.RemoveAll<IConnectionListenerFactory>();
        services.AddSingleton<IConnectionListenerFactory>(
            container => new Factory(this, ActivatorUtilities.CreateInstance<SocketTransportFactory>(container)));
    }

    /// <summary>A place, which may be waited for.</summary>
    private async ValueTask<RateLimitLease> WaitAsync(CancellationToken cancellation)
    {
        var place = places.WaitAsync(cancellation);
        if (!place.IsCompleted && _full.IsDue())
        {
            Full(places.Max);
        }

        return await place;
    }

    /// <summary>The connection with its place, or with the reason why it is refused; null where accepting is to pause.</summary>
    private PlacedConnection? Admit(ConnectionContext connection, RateLimitLease place)
    {
        if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket
            && Descriptors.AreScarce(socket.Handle, Descriptors.Bound))
        {
            place.Dispose();
            connection.Abort();
            metrics.PlaceRefused("connections", "descriptors");
            return null;
        }

        var address = (connection.RemoteEndPoint as IPEndPoint)?.Address;
        if (proxies.Are(address))
        {
            // The connections of all its callers.
            return new PlacedConnection(connection, place);
        }

        if (places.TryShare(place, address, out var refusal) is { } own)
        {
            return new PlacedConnection(connection, own);
        }

        if (_refused.IsDue())
        {
            Refused(address, Share.Of(places.Max), places.Max);
        }

        if (Interlocked.Increment(ref _answering) > MaxAnswering)
        {
            Interlocked.Decrement(ref _answering);
            connection.Abort();
        }
        else
        {
            connection.Features.Set(refusal);
        }

        return new PlacedConnection(connection, new Answering(this));
    }

    [LoggerMessage(LogLevel.Warning, "All {Max} connections that Limits:Connections allows are open: accepting pauses until one closes")]
    private partial void Full(int max);

    [LoggerMessage(LogLevel.Warning, "Hardly a file descriptor is left of the {Bound} that this process may have: accepting connections pauses. ulimit -n, LimitNOFILE= of systemd, or --ulimit nofile= of Docker raises their number")]
    private partial void Scarce(long bound);

    [LoggerMessage(LogLevel.Warning, "{Address} has {Share} connections, all that one address may have of {Max} (Limits:Connections): more are refused")]
    private partial void Refused(IPAddress? address, int share, int max);

    private sealed class Answering(ListenerPlaces of) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref of._answering);
    }

    private sealed class Factory(ListenerPlaces places, SocketTransportFactory sockets) : IConnectionListenerFactory
    {
        public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
            new Listener(places, await sockets.BindAsync(endpoint, cancellationToken));
    }

    private sealed class Listener(ListenerPlaces places, IConnectionListener inner) : IConnectionListener
    {
        private readonly CancellationTokenSource _unbound = new();

        public EndPoint EndPoint => inner.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            using var pauses = new PeriodicTimer(_pause, places.Clock);
            try
            {
                while (!_unbound.IsCancellationRequested)
                {
                    var place = await places.WaitAsync(_unbound.Token);
                    if (await inner.AcceptAsync(cancellationToken) is not { } connection)
                    {
                        place.Dispose();
                        return null;
                    }

                    if (places.Admit(connection, place) is { } admitted)
                    {
                        return admitted;
                    }

                    await connection.DisposeAsync();
                    if (places._scarce.IsDue())
                    {
                        places.Scarce(Descriptors.Bound);
                    }

                    await pauses.WaitForNextTickAsync(_unbound.Token);
                }
            }
            catch (OperationCanceledException) when (_unbound.IsCancellationRequested)
            {
                // It accepts no more.
            }

            return null;
        }

        public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            await _unbound.CancelAsync();
            await inner.UnbindAsync(cancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            await inner.DisposeAsync();
            _unbound.Dispose();
        }
    }
}
