using System.Security.Cryptography;
using Collector.Diagnostics;
using Collector.Model;
using Collector.Pipeline;

namespace Collector.Receive.Otlp;

/// <summary>
/// One Export, whatever transport brought it: (1) read the message within its memory, (2) bring JSON into the wire
/// format, (3) decode it to rows, all or none, (4) hand them to the queue, and (5) say what became of them. Every way out
/// is counted.
/// </summary>
internal sealed class OtlpExport
{
    private readonly OtlpDecoder _decoder;
    private readonly IngestQueue _queue;
    private readonly ByteBudget _budget;
    private readonly Ledger _ledger;
    private readonly CollectorMetrics _metrics;
    private readonly TimeProvider _clock;
    private readonly bool _awaitStored;
    private readonly bool _knowsRepeats;

    public OtlpExport(
        OtlpDecoder decoder, IngestQueue queue, ByteBudget budget, Ledger ledger, CollectorMetrics metrics, TimeProvider clock, IngestOptions options)
    {
        _decoder = decoder;
        _queue = queue;
        _budget = budget;
        _ledger = ledger;
        _metrics = metrics;
        _clock = clock;
        _awaitStored = options.Acknowledge == Acknowledge.Stored;
        _knowsRepeats = options.RetryWindow > TimeSpan.Zero;
    }

    /// <exception cref="OperationCanceledException">
    /// The caller left. Before its message was complete nothing is kept; after, everything is.
    /// </exception>
    public async ValueTask<ReceiveResult> ExportAsync(
        OtlpSignal signal, bool isJson, IRequestBody body, CancellationToken cancellation)
    {
        var lease = new ByteLease(_budget);
        RowBatch? batch = null;
        string? warning = null;
        try
        {
            var (result, message) = await body.ReadAsync(lease, cancellation);
            if (result.IsOk)
            {
                _metrics.BytesReceived(signal.ToLabel(), message!.Length);
                (result, batch, warning) = Decode(signal, isJson, message, lease);
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
            : ToResult(await EnqueueAsync(batch, cancellation), warning);
    }

    private async ValueTask<IngestOutcome> EnqueueAsync(RowBatch batch, CancellationToken cancellation)
    {
        var since = _clock.GetTimestamp();
        var outcome = await _queue.EnqueueAsync(batch, _awaitStored, cancellation);
        if (outcome.IsKept)
        {
            _metrics.Acknowledged(_clock.GetElapsedTime(since));
        }

        return outcome;
    }

    private (ReceiveResult Result, RowBatch? Batch, string? Warning) Decode(
        OtlpSignal signal, bool isJson, ByteBuffer message, ByteLease lease)
    {
        string? warning = null;
        // Of the message as it came: decoding may bring it into another order.
        var key = _knowsRepeats ? KeyOf(signal, isJson, message.Written) : default;
        if (isJson)
        {
            using var json = message;
            message = new ByteBuffer(lease, json.Length);
            var transcoded = OtlpJson.Transcode(signal, json.Written, message);
            warning = transcoded.Warning;
            if (transcoded.Status != DecodeStatus.Ok)
            {
                message.Dispose();
                return (ToResult(transcoded.Status, transcoded.Message, lease), null, null);
            }
        }

        var batch = new RowBatch(message, lease, Timestamps.ToNanos(_clock.GetUtcNow()));
        var decoded = DecodeOrFree(signal, batch);
        if (decoded.Status == DecodeStatus.Ok && batch.Count > 0)
        {
            _metrics.Decoded(batch.OddValues, batch.LateRows, batch.FutureRows);
            batch.Key = _knowsRepeats && !batch.HasUntimedRows ? key : null;
            return (ReceiveResult.Ok, batch, warning);
        }

        batch.Dispose();
        return (ToResult(decoded.Status, decoded.Message, lease), null, warning);
    }

    private DecodeResult DecodeOrFree(OtlpSignal signal, RowBatch batch)
    {
        try
        {
            return _decoder.Decode(signal, batch);
        }
        catch
        {
            // Unforeseen, and said by the face; but its memory must not count against everybody for ever.
            batch.Dispose();
            throw;
        }
    }

    private static RequestKey KeyOf(OtlpSignal signal, bool isJson, ReadOnlySpan<byte> message)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([(byte)signal, isJson ? (byte)1 : (byte)0]);
        hash.AppendData(message);
        Span<byte> key = stackalloc byte[RequestKey.Length];
        hash.GetHashAndReset(key);
        return RequestKey.Of(key);
    }

    private static ReceiveResult ToResult(DecodeStatus status, string? message, ByteLease lease) => status switch
    {
        DecodeStatus.Ok => ReceiveResult.Ok,
        DecodeStatus.Malformed => ReceiveResult.BadData(message!),
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

    private void CountUnread(ReceiveStatus status)
    {
        if (status == ReceiveStatus.Overloaded)
        {
            _ledger.RefuseUnread("no_memory");
        }
        else
        {
            _ledger.RejectUnread(status == ReceiveStatus.TooLarge ? "too_large" : "undecodable");
        }
    }
}
