using Collector.Diagnostics;
using Collector.Pipeline.Streams;
using Collector.Receive.Grpc;
using Collector.Receive.Request;

namespace Collector.Receive.TailStream;

/// <summary>
/// <c>TailService.Stream</c>: events are read, gathered and stored while acknowledgements of earlier ones are written;
/// neither waits for the other. However the call ends, what was read is stored first and acknowledged if the caller is
/// still there.
/// </summary>
/// <param name="handler">Keeps the events.</param>
/// <param name="decoder">Makes rows of them.</param>
/// <param name="streams">Knows what each stream has stored.</param>
/// <param name="clock">Times how long events are gathered.</param>
/// <param name="maxDelay">How long that is.</param>
/// <param name="stopping">Cancelled when no more may be read.</param>
internal sealed class TailGrpcStream(
    RequestHandler handler, TailEventDecoder decoder, StreamTracker streams, TimeProvider clock, TimeSpan maxDelay, CancellationToken stopping)
    : IGrpcMethod
{
    public string Service => TailService.Name;

    public string Name => "Stream";

    public RequestSignal Signal => RequestSignal.Tail;

    public bool IsStream => true;

    public async ValueTask<GrpcAnswer> InvokeAsync(GrpcCall call, CancellationToken cancellation)
    {
        using var tail = new TailCall(streams, isStream: true);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation, stopping);
        var acks = AcknowledgeAsync(call, tail, cancellation);
        try
        {
            var gathering = new TailGathering(call.Messages(), tail, clock, maxDelay, ended.Token);
            var result = await TakeAllAsync(gathering, tail, cancellation);
            cancellation.ThrowIfCancellationRequested();
            return new GrpcAnswer(
                result.IsOk && stopping.IsCancellationRequested
                    ? ReceiveResult.Overloaded("Collector is stopping; open the stream again")
                    : result,
                null);
        }
        finally
        {
            tail.Complete();
            // A caller that has left can't be told, and needs not know why.
            await acks.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async ValueTask<ReceiveResult> TakeAllAsync(TailGathering gathering, TailCall tail, CancellationToken cancellation)
    {
        var request = new TailEventRequest(decoder, streams, tail);
        while (!gathering.IsOver)
        {
            var result = await handler.HandleAsync(request, gathering, cancellation);
            if (!result.IsOk)
            {
                return result;
            }

            if (!tail.Fault.IsOk)
            {
                return handler.CountUnread(tail.Fault);
            }
        }

        // What ended the stream between its requests is counted as a request that ends so.
        return stopping.IsCancellationRequested ? ReceiveResult.Ok
            : gathering.End.IsOk || gathering.End.Status == ReceiveStatus.Cancelled ? gathering.End
            : handler.CountUnread(gathering.End);
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
