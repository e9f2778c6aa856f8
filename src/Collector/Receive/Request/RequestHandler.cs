using Collector.Diagnostics;
using Collector.Model;
using Collector.Pipeline.Ledger;
using Collector.Pipeline.Queue;

namespace Collector.Receive.Request;

/// <summary>
/// One request of rows, whatever its transport and protocol: (1) read the message within its memory, (2) decode it to
/// rows, (3) hand them to the queue, and (4) say what became of them. Every way out is counted.
/// </summary>
internal sealed class RequestHandler(
    IngestQueue queue, ByteBudget budget, RowLedger ledger, CollectorMetrics metrics, TimeProvider clock, IngestOptions options)
{
    private readonly bool _awaitsStored = options.Acknowledge == Acknowledge.Stored;
    private readonly bool _knowsRepeats = options.RetryWindow > TimeSpan.Zero;

    /// <exception cref="OperationCanceledException">
    /// The caller left. Before its message was complete nothing is kept; after, everything is.
    /// </exception>
    public async ValueTask<ReceiveResult> HandleAsync(
        IRequestDecoder decoder, IRequestBody body, CancellationToken cancellation)
    {
        var lease = new ByteLease(budget);
        RowBatch? batch = null;
        string? warning = null;
        try
        {
            // 1.
            var (result, message) = await body.ReadAsync(lease, cancellation);
            if (result.IsOk)
            {
                // 2.
                metrics.BytesReceived(decoder.Signal, message!.Length);
                (result, batch, warning) = Decode(decoder, message, lease);
            }

            if (!result.IsOk)
            {
                return CountUnread(result);
            }
        }
        finally
        {
            lease.Settle();
        }

        if (batch is null)
        {
            return new ReceiveResult(ReceiveStatus.Ok, warning);
        }

        // 3. and 4.
        var outcome = await EnqueueAsync(batch, decoder.AwaitsStored ?? _awaitsStored, cancellation);
        return ToResult(outcome, warning);
    }

    /// <summary>Counts a request that ended before its rows were known; returns the result as it is.</summary>
    public ReceiveResult CountUnread(ReceiveResult result)
    {
        if (result.Status == ReceiveStatus.Overloaded)
        {
            ledger.RefuseUnread("no_memory");
        }
        else if (result.Status != ReceiveStatus.NotUnderstood)
        {
            // What is none of our messages is counted at the door: nobody knows whether it holds rows.
            ledger.RejectUnread(result.Status == ReceiveStatus.TooLarge ? "too_large" : "undecodable");
        }

        return result;
    }

    // Takes the message over. There is no batch where there are no rows, whether the result is good or bad.
    private (ReceiveResult Result, RowBatch? Batch, string? Warning) Decode(
        IRequestDecoder decoder, ByteBuffer message, ByteLease lease)
    {
        var batch = new RowBatch(message, lease, Timestamps.ToNanos(clock.GetUtcNow()));
        var isTaken = false;
        try
        {
            var decoded = decoder.Decode(batch, lease);
            var result = ToResult(decoded, lease);
            if (result.IsOk)
            {
                metrics.Decoded(batch.OddValues, batch.LateRows, batch.FutureRows);
                batch.Key = _knowsRepeats ? batch.Key : null;
                isTaken = batch.Count > 0;
            }

            return (result, isTaken ? batch : null, decoded.Warning);
        }
        finally
        {
            // After an exception too: its memory must not count against everybody for ever.
            if (!isTaken)
            {
                batch.Dispose();
            }
        }
    }

    private async ValueTask<IngestOutcome> EnqueueAsync(RowBatch batch, bool awaitsStored, CancellationToken cancellation)
    {
        var since = clock.GetTimestamp();
        var outcome = await queue.EnqueueAsync(batch, awaitsStored, cancellation);
        if (outcome.IsKept)
        {
            metrics.Acknowledged(clock.GetElapsedTime(since));
        }

        return outcome;
    }

    private static ReceiveResult ToResult(in DecodeResult decoded, ByteLease lease) => decoded.Status switch
    {
        DecodeStatus.Ok => ReceiveResult.Ok,
        DecodeStatus.Malformed => ReceiveResult.BadData(decoded.Message!),
        DecodeStatus.NotUnderstood => new ReceiveResult(ReceiveStatus.NotUnderstood, decoded.Message),
        _ when lease.IsTooLargeAlone => new ReceiveResult(
            ReceiveStatus.TooLarge, "the request's rows need more memory than Queue:MaxBytes has; send fewer at once"),
        _ => ReceiveResult.Overloaded("no memory is free for the request's rows"),
    };

    private static ReceiveResult ToResult(IngestOutcome outcome, string? warning) => outcome.Status switch
    {
        IngestStatus.Stored or IngestStatus.Spooled or IngestStatus.Queued => new ReceiveResult(ReceiveStatus.Ok, warning),
        IngestStatus.Duplicate => new ReceiveResult(ReceiveStatus.Ok, warning, IsDuplicate: true),
        IngestStatus.Refused => ReceiveResult.Overloaded(outcome.Reason!),
        _ => ReceiveResult.BadData(outcome.Reason!),
    };
}
