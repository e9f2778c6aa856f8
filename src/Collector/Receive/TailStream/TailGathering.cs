using Collector.Access;
using Collector.Model;
using Collector.Pipeline.Queue;
using Collector.Protobuf;
using Collector.Receive.Grpc;
using Collector.Receive.Request;

namespace Collector.Receive.TailStream;

/// <summary>
/// Gathers a stream's events into requests, as if each request were a TailBatch of up to 100 events, or of those that
/// arrived within some seconds of its first. Until a first event arrives, nothing is held.
/// </summary>
/// <param name="messages">The messages of the call.</param>
/// <param name="call">Checks each event.</param>
/// <param name="clock">Measures the seconds.</param>
/// <param name="maxDelay">How long a first event may wait for others.</param>
/// <param name="ended">Cancelled when nothing more may be read.</param>
internal sealed class TailGathering(
    GrpcMessages messages, TailCall call, TimeProvider clock, TimeSpan maxDelay, CancellationToken ended) : IRequestBody
{
    private const int MaxEvents = 100;
    private const string NoMemory = "no memory is free for the stream's events";

    public AccessKey? Key => messages.Key;

    /// <summary>There are no more requests.</summary>
    public bool IsOver { get; private set; }

    /// <summary>How the stream ended, if nothing ended it from outside.</summary>
    public ReceiveResult End { get; private set; }

    /// <summary>The next request; an empty message where the stream has ended.</summary>
    public async ValueTask<(ReceiveResult Result, ByteBuffer? Message)> ReadAsync(ByteLease lease, CancellationToken cancellation)
    {
        if (await NextAsync(ended) is not { } frame)
        {
            return (ReceiveResult.Ok, new ByteBuffer(lease));
        }

        // Not the caller's token: events that have arrived are stored even if the caller leaves.
        // A message that is not long is there already.
        if (!await lease.ReserveAsync(GrpcMessages.IsLong(frame) ? 0 : frame.Length, CancellationToken.None))
        {
            return (ReceiveResult.Overloaded("no memory became free for the stream's events in time"), null);
        }

        var gathered = ByteBuffer.ForBody(lease);
        try
        {
            await GatherAsync(frame, gathered, lease);
        }
        catch
        {
            gathered.Dispose();
            throw;
        }

        if (!gathered.Refused)
        {
            return (ReceiveResult.Ok, gathered);
        }

        gathered.Dispose();
        return (ReceiveResult.Overloaded(NoMemory), null);
    }

    private async ValueTask GatherAsync(GrpcFrame first, ByteBuffer gathered, ByteLease lease)
    {
        using var due = new CancellationTokenSource(maxDelay, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(due.Token, ended);
        GrpcFrame? next = first;
        for (var events = 1; next is { } frame && await TryTakeAsync(frame, gathered, lease) && events < MaxEvents; events++)
        {
            next = await NextAsync(either.Token);
            // A long message waits for the rest of it; the events before it must not.
            next = next is { } more && GrpcMessages.IsLong(more) ? null : next;
        }
    }

    // Null: the stream is over, or the token was cancelled for another reason.
    private async ValueTask<GrpcFrame?> NextAsync(CancellationToken cancellation)
    {
        GrpcFrame frame;
        ReceiveResult result;
        try
        {
            while (!messages.TryPeek(out frame, out result))
            {
                if (messages.IsAtEnd)
                {
                    return Over(messages.Left == 0 ? ReceiveResult.Ok : ReceiveResult.BadData(
                        $"the stream ends in the middle of a message, of which {messages.Left} bytes have come"));
                }

                await messages.WaitAsync(cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return ended.IsCancellationRequested ? Over(ReceiveResult.Ok) : null;
        }
        catch (TimeoutException slow)
        {
            return Over(new ReceiveResult(ReceiveStatus.DeadlineExceeded, slow.Message));
        }
        catch (OperationCanceledException aborted)
        {
            // The stream was reset before the token says so: what was gathered is stored all the same.
            return Over(new ReceiveResult(ReceiveStatus.Cancelled, aborted.Message));
        }
        catch (IOException broken)
        {
            return Over(new ReceiveResult(ReceiveStatus.Cancelled, broken.Message));
        }

        return result.IsOk ? frame : Over(result);
    }

    private async ValueTask<bool> TryTakeAsync(GrpcFrame frame, ByteBuffer gathered, ByteLease lease)
    {
        var before = gathered.Length;
        var result = await AppendAsync(frame, gathered, lease);
        if (gathered.Refused)
        {
            return false;
        }

        result = result is { IsOk: true } ? CheckLast(before, gathered) : result;
        if (result is { IsOk: true })
        {
            return true;
        }

        // Without a result the stream was ended from outside, in the middle of a long message; the call says why.
        gathered.Truncate(before);
        Over(result ?? ReceiveResult.Ok);
        return false;
    }

    private async ValueTask<ReceiveResult?> AppendAsync(GrpcFrame frame, ByteBuffer gathered, ByteLease lease)
    {
        try
        {
            return frame.IsCompressed ? await InflateAsync(frame, gathered, lease) : await CopyAsync(frame, gathered, lease);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            return null;
        }
    }

    private ValueTask<ReceiveResult> CopyAsync(GrpcFrame frame, ByteBuffer gathered, ByteLease lease)
    {
        new WireWriter(gathered).Head(TailSchema.BatchEvents, frame.Length);
        return messages.TakeAsync(frame, gathered, lease, ended);
    }

    private async ValueTask<ReceiveResult> InflateAsync(GrpcFrame frame, ByteBuffer gathered, ByteLease lease)
    {
        var compressed = ByteBuffer.ForBody(lease);
        ReceiveResult result;
        try
        {
            result = await messages.TakeAsync(frame, compressed, lease, ended);
        }
        catch
        {
            compressed.Dispose();
            throw;
        }

        // A message that is cut short would be read as another one.
        result = compressed.Refused ? ReceiveResult.Overloaded(NoMemory) : result;
        if (!result.IsOk)
        {
            compressed.Dispose();
            return result;
        }

        (result, var message) = messages.Inflate(compressed, lease);
        using (message)
        {
            new WireWriter(gathered).Bytes(TailSchema.BatchEvents, message.Written);
            return result;
        }
    }

    private ReceiveResult CheckLast(int before, ByteBuffer gathered)
    {
        var reader = new WireReader(gathered.Written, Slice.OfBody(before, gathered.Length - before));
        reader.Next();
        return call.Check(gathered.Written, reader.Payload);
    }

    private GrpcFrame? Over(ReceiveResult end)
    {
        IsOver = true;
        End = end;
        return null;
    }
}
