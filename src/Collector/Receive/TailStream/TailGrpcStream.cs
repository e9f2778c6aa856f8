using Collector.Diagnostics;
using Collector.Receive.Grpc;
using Collector.Receive.Request;

namespace Collector.Receive.TailStream;

/// <summary>
/// <c>TailService.Stream</c>: events are read, gathered and stored while acknowledgements of earlier ones are written; neither
/// waits for the other. However the call ends, what was read is stored first and, where somebody is left, acknowledged.
/// </summary>
/// <param name="export">Where events go.</param>
/// <param name="clock">Times how long events are gathered.</param>
/// <param name="timeout">For how long.</param>
/// <param name="stopping">Cancelled when no more may be read.</param>
internal sealed class TailGrpcStream(
    TailEventExport export, TimeProvider clock, TimeSpan timeout, CancellationToken stopping) : IGrpcMethod
{
    public string Path => "/collector.tail.v1.TailService/Stream";

    public RequestSignal Signal => RequestSignal.Tail;

    public async ValueTask<GrpcAnswer> InvokeAsync(GrpcCall call, CancellationToken cancellation)
    {
        using var tail = export.Begin(isStream: true);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation, stopping);
        var acks = AcknowledgeAsync(call, tail, cancellation);
        var result = ReceiveResult.Ok;
        try
        {
            var gathering = new TailGathering(call.Messages(), tail, clock, timeout, ended.Token);
            while (result.IsOk && !gathering.IsOver)
            {
                result = await export.ExportAsync(tail, gathering, cancellation);
                result = result.IsOk ? export.Counted(tail.Fault) : result;
            }

            result = result.IsOk && !stopping.IsCancellationRequested ? export.Counted(gathering.End) : result;
            cancellation.ThrowIfCancellationRequested();
            result = result.IsOk && stopping.IsCancellationRequested
                ? ReceiveResult.Overloaded("Collector is stopping; open the stream again")
                : result;
        }
        finally
        {
            tail.Complete();
            // A caller that has left is not told, and why it can't be is why it has left.
            await acks.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return new GrpcAnswer(result, null);
    }

    private static async Task AcknowledgeAsync(GrpcCall call, TailCall tail, CancellationToken cancellation)
    {
        bool goesOn;
        do
        {
            goesOn = await tail.WaitAsync(cancellation);
            if (tail.News() is { } standing)
            {
                await call.WriteAsync(TailAck.Of(standing), cancellation);
            }
        }
        while (goesOn);
    }
}
