using System.Security.Cryptography;
using Collector.Diagnostics;
using Collector.Model;
using Collector.Pipeline.Ledger;
using Collector.Pipeline.Queue;

namespace Collector.Receive.Request;

/// <summary>
/// One request of rows, whatever its protocol: (1) read the message within its memory, (2) decode it to rows, (3) hand
/// them to the queue, and (4) say what became of them. Every way out is counted.
/// </summary>
/// <typeparam name="TKind">What the protocol must know about a request to decode it.</typeparam>
internal abstract class RequestHandler<TKind>
{
    private readonly IngestQueue _queue;
    private readonly ByteBudget _budget;
    private readonly TimeProvider _clock;
    private readonly bool _awaitStored;

    protected RequestHandler(
        IngestQueue queue, ByteBudget budget, RowLedger ledger, CollectorMetrics metrics, TimeProvider clock, IngestOptions options)
    {
        _queue = queue;
        _budget = budget;
        _clock = clock;
        _awaitStored = options.Acknowledge == Acknowledge.Stored;
        Ledger = ledger;
        Metrics = metrics;
        KnowsRepeats = options.RetryWindow > TimeSpan.Zero;
    }

    protected RowLedger Ledger { get; }

    protected CollectorMetrics Metrics { get; }

    protected bool KnowsRepeats { get; }

    protected ulong NowNanos => Timestamps.ToNanos(_clock.GetUtcNow());

    /// <summary>Takes the message over. The batch is null where there are no rows, be the result good or bad.</summary>
    protected abstract (ReceiveResult Result, RowBatch? Batch, string? Warning) Decode(
        TKind kind, ByteBuffer message, ByteLease lease);

    /// <exception cref="OperationCanceledException">
    /// The caller left. Before its message was complete nothing is kept; after, everything is.
    /// </exception>
    protected async ValueTask<ReceiveResult> TakeAsync(
        TKind kind, RequestSignal label, IRequestBody body, CancellationToken cancellation)
    {
        var lease = new ByteLease(_budget);
        RowBatch? batch = null;
        string? warning = null;
        try
        {
            var (result, message) = await body.ReadAsync(lease, cancellation);
            if (result.IsOk)
            {
                Metrics.BytesReceived(label, message!.Length);
                (result, batch, warning) = Decode(kind, message, lease);
            }

            if (!result.IsOk)
            {
                CountUnread(result.Status);
                return result;
            }
        }
        finally
        {
            lease.Settle();
        }

        return batch is null
            ? new ReceiveResult(ReceiveStatus.Ok, warning)
            : ToResult(await EnqueueAsync(kind, batch, cancellation), warning);
    }

    /// <summary>Whether the request waits until its rows are on disk.</summary>
    protected virtual bool AwaitsStored(TKind kind) => _awaitStored;

    /// <param name="kind">Tells requests apart whose bytes are the same.</param>
    /// <param name="message">As it came: decoding may bring it into another order.</param>
    protected static RequestKey KeyOf(ReadOnlySpan<byte> kind, ReadOnlySpan<byte> message)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(kind);
        hash.AppendData(message);
        Span<byte> key = stackalloc byte[RequestKey.Length];
        hash.GetHashAndReset(key);
        return RequestKey.Of(key);
    }

    protected static ReceiveResult ToResult(DecodeStatus status, string? message, ByteLease lease) => status switch
    {
        DecodeStatus.Ok => ReceiveResult.Ok,
        DecodeStatus.Malformed => ReceiveResult.BadData(message!),
        _ when lease.IsTooLargeAlone => new ReceiveResult(
            ReceiveStatus.TooLarge, "the request's rows need more memory than Queue:MaxBytes has; send fewer at once"),
        _ => ReceiveResult.Overloaded("no memory is free for the request's rows"),
    };

    private async ValueTask<IngestOutcome> EnqueueAsync(TKind kind, RowBatch batch, CancellationToken cancellation)
    {
        var since = _clock.GetTimestamp();
        var outcome = await _queue.EnqueueAsync(batch, AwaitsStored(kind), cancellation);
        if (outcome.IsKept)
        {
            Metrics.Acknowledged(_clock.GetElapsedTime(since));
        }

        return outcome;
    }

    private static ReceiveResult ToResult(IngestOutcome outcome, string? warning) => outcome.Status switch
    {
        IngestStatus.Stored or IngestStatus.Spooled or IngestStatus.Queued => new ReceiveResult(ReceiveStatus.Ok, warning),
        IngestStatus.Duplicate => new ReceiveResult(ReceiveStatus.Ok, warning, IsDuplicate: true),
        IngestStatus.Refused => ReceiveResult.Overloaded(outcome.Reason!),
        _ => ReceiveResult.BadData(outcome.Reason!),
    };

    protected void CountUnread(ReceiveStatus status)
    {
        if (status == ReceiveStatus.Overloaded)
        {
            Ledger.RefuseUnread("no_memory");
        }
        else
        {
            Ledger.RejectUnread(status == ReceiveStatus.TooLarge ? "too_large" : "undecodable");
        }
    }
}
