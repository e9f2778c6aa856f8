using Collector.Diagnostics;
using Collector.Pipeline.Streams;
using Collector.Receive.Grpc;

namespace Collector.Receive.TailStream;

/// <summary><c>TailService.Send</c>: events in one message, answered when they are on disk.</summary>
internal sealed class TailGrpcSend(TailEventExport export) : IGrpcMethod
{
    public string Path => "/collector.tail.v1.TailService/Send";

    public RequestSignal Signal => RequestSignal.Tail;

    public async ValueTask<GrpcAnswer> InvokeAsync(GrpcCall call, CancellationToken cancellation)
    {
        using var tail = export.Begin(isStream: false);
        var result = await export.ExportAsync(tail, call, cancellation);
        if (!result.IsOk)
        {
            return new GrpcAnswer(result, null);
        }

        // What it repeats may be under way still, brought by another call.
        tail.Complete();
        while (await tail.WaitAsync(cancellation))
        {
        }

        return new GrpcAnswer(result, TailAck.Of(tail.News() ?? StreamProgress.Nothing));
    }
}
