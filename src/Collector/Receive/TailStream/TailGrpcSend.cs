using Collector.Diagnostics;
using Collector.Pipeline.Streams;
using Collector.Receive.Grpc;
using Collector.Receive.Request;

namespace Collector.Receive.TailStream;

/// <summary><c>TailService.Send</c>: events in one message, answered when they are on disk.</summary>
internal sealed class TailGrpcSend(RequestHandler handler, TailEventDecoder decoder, StreamTracker streams) : IGrpcMethod
{
    public string Service => TailService.Name;

    public string Name => "Send";

    public RequestSignal Signal => RequestSignal.Tail;

    public async ValueTask<GrpcAnswer> InvokeAsync(GrpcCall call, CancellationToken cancellation)
    {
        using var tail = new TailCall(streams, isStream: false);
        var result = await handler.HandleAsync(new TailEventRequest(decoder, streams, tail), call, cancellation);
        if (!result.IsOk)
        {
            return new GrpcAnswer(result, null);
        }

        // Another call may have brought the same events, and they may not be stored yet.
        tail.Complete();
        while (await tail.WaitAsync(cancellation))
        {
        }

        return new GrpcAnswer(result, TailAck.Of(tail.News() ?? StreamProgress.Nothing));
    }
}
