using Microsoft.AspNetCore.Connections;

namespace Collector.Hosting;

/// <summary>A connection that gives its place back when its socket is closed.</summary>
internal sealed class PlacedConnection(ConnectionContext inner, IDisposable place) : WrappedConnection(inner)
{
    public override async ValueTask DisposeAsync()
    {
        try
        {
            await Inner.DisposeAsync();
            await base.DisposeAsync();
        }
        finally
        {
            place.Dispose();
        }
    }
}
