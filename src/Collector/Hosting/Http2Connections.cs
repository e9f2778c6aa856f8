using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace Collector.Hosting;

/// <summary>
/// The connections of one port that speak HTTP/2. Without TLS, Kestrel speaks one protocol at an address; so the address is
/// one of HTTP/1, and what turns out to be HTTP/2 is handed on to another, which nobody can connect to from outside.
/// </summary>
internal sealed class Http2Connections : IConnectionListenerFactory, IConnectionListenerFactorySelector, IConnectionListener
{
    private readonly Channel<HandedConnection> _handed = Channel.CreateUnbounded<HandedConnection>();

    /// <summary>What to listen on.</summary>
    public EndPoint EndPoint { get; } = new Inside();

    public bool CanBind(EndPoint endpoint) => endpoint == EndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) => new(this);

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
        await _handed.Reader.WaitToReadAsync(cancellationToken) && _handed.Reader.TryRead(out var connection) ? connection : null;

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _handed.Writer.TryComplete();
        return default;
    }

    public ValueTask DisposeAsync() => UnbindAsync();

    /// <summary>Hands the connection on, and returns when it has ended there.</summary>
    public Task HandAsync(ConnectionContext connection)
    {
        var handed = new HandedConnection(connection);
        return _handed.Writer.TryWrite(handed) ? handed.Ended : Task.CompletedTask;
    }

    private sealed class Inside : EndPoint
    {
        public override string ToString() => "inside";
    }
}
