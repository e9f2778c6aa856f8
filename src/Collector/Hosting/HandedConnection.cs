using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Collector.Hosting;

/// <summary>A connection on loan: whoever accepted it closes it when the one it was handed to is done with it.</summary>
internal sealed class HandedConnection(ConnectionContext inner) : WrappedConnection(inner)
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Ended => _ended.Task;

    // Kestrel puts what is its own into each connection's features: the two ends must not overwrite each other's.
    public override IFeatureCollection Features { get; } = new FeatureCollection(inner.Features);

    public override ValueTask DisposeAsync()
    {
        _ended.TrySetResult();
        return base.DisposeAsync();
    }
}
