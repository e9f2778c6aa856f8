using Collector.Access;
using Collector.Diagnostics;
using Collector.Model;
using Collector.Pipeline.Ledger;
using Collector.Pipeline.Queue;
using Microsoft.Extensions.Logging.Abstractions;

namespace Collector.Receive.Request;

/// <summary>
/// One request of rows, whatever its transport and protocol: (1) read the message within its memory, (2) decode it to
/// rows, (3) hand them to the queue, and (4) say what became of them. Every way out is counted.
/// </summary>
/// <remarks>
/// Forwarders drop what is refused for good. So an error that nobody foresaw is told as one that passes, and only when the
/// same bytes end so again it is final; memory that runs out never is.
/// </remarks>
internal sealed partial class RequestHandler(
    IngestQueue queue, ByteBudget budget, RowLedger ledger, CollectorMetrics metrics, TimeProvider clock, IngestOptions options,
    ILogger<RequestHandler>? log = null)
{
    // What may be built of a message: contexts repeat what rows share, and JSON escapes.
    private const int BuiltOfByte = 8;
    private const int BuiltAtLeast = 1 << 20;

    // Of resources, which are built once for each of their scopes. On disk a scope has its resource beside it, until the
    // segment is sealed; so a message may take up so many times its length there.
    private const int SharedOfByte = 64;
    private const int SharedAtLeast = 8 << 20;

    private readonly bool _awaitsStored = options.Acknowledge == Acknowledge.Stored;
    private readonly bool _knowsRepeats = options.RetryWindow > TimeSpan.Zero;
    private readonly FailedRequests _failed = new();
    private readonly ILogger _log = log ?? NullLogger<RequestHandler>.Instance;

    /// <exception cref="OperationCanceledException">
    /// The caller left. Before its rows were decoded nothing is kept; after, everything is.
    /// </exception>
    public async ValueTask<ReceiveResult> HandleAsync(
        IRequestDecoder decoder, IRequestBody body, CancellationToken cancellation)
    {
        if (body.Key is { HasRoom: false } tooFast)
        {
            return CountUnread(ReceiveResult.RateLimited(tooFast));
        }

        var lease = new ByteLease(budget);
        RowBatch? batch = null;
        string? warning = null;
        try
        {
            // 1.
            var (result, message) = await ReadAsync(body, lease, cancellation);
            if (result.IsOk)
            {
                // 2.
                var length = message!.Length;
                metrics.BytesReceived(decoder.Signal, length);
                (result, batch, warning) = Decode(decoder, message, body.Key, lease, cancellation);
                body.Key?.Charge(batch?.Count ?? 0, length);
            }

            if (!result.IsOk)
            {
                return CountUnread(result);
            }
        }
        catch (OutOfMemoryException error)
        {
            OutOfMemory(error);
            ledger.RefuseUnread("out_of_memory");
            return ReceiveResult.Overloaded("the process is out of memory");
        }
        catch (Exception error) when (batch is null)
        {
            // A sender that was too slow, one that left, a broken chunk: the transport answers it.
            CountUnread(ReceiveResult.Of(error, hasCallerLeft: true));
            throw;
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
        var foreign = batch.ForeignRows;
        var outcome = await EnqueueAsync(batch, decoder.AwaitsStored ?? _awaitsStored, cancellation);
        warning = foreign == 0 ? warning : string.Join("; ", new[] { warning, Foreign(foreign, body.Key!) }.OfType<string>());
        return ToResult(outcome, warning) with { Rejected = foreign };
    }

    /// <summary>Counts a request that ended before its rows were known; returns the result as it is.</summary>
    public ReceiveResult CountUnread(ReceiveResult result)
    {
        switch (result.Status)
        {
            case ReceiveStatus.NotUnderstood:
                // At the door too, with its sender.
                ledger.RejectUnread("not_understood");
                break;
            case ReceiveStatus.RateLimited:
                ledger.RefuseUnread("rate_limited");
                break;
            case ReceiveStatus.Forbidden:
                // Its rows are counted already.
                break;
            case ReceiveStatus.Overloaded:
                ledger.RefuseUnread("no_memory");
                break;
            case ReceiveStatus.Failed:
                ledger.RefuseUnread("failed");
                break;
            case ReceiveStatus.DeadlineExceeded:
                ledger.RefuseUnread("slow");
                break;
            case ReceiveStatus.Cancelled:
                ledger.RefuseUnread("cancelled");
                break;
            case ReceiveStatus.TooLarge:
                ledger.RejectUnread("too_large");
                break;
            case ReceiveStatus.Internal:
                ledger.RejectUnread("failed");
                break;
            default:
                ledger.RejectUnread("undecodable");
                break;
        }

        return result;
    }

    // With room for the rows, for which decoding can't wait.
    private static async ValueTask<(ReceiveResult Result, ByteBuffer? Message)> ReadAsync(
        IRequestBody body, ByteLease lease, CancellationToken cancellation)
    {
        var (result, message) = await body.ReadAsync(lease, cancellation);
        if (!result.IsOk)
        {
            // What did not fit into a budget that it had alone never will.
            return (result.Status == ReceiveStatus.Overloaded ? ReceiveResult.NoMemory(lease) : result, null);
        }

        var hasRoom = false;
        try
        {
            hasRoom = message!.Length == 0 || await lease.ReserveAsync(BodyLimits.RowsOf(message.Length), cancellation);
        }
        finally
        {
            if (!hasRoom)
            {
                message!.Dispose();
            }
        }

        return hasRoom ? (result, message) : (ReceiveResult.NoMemory(lease), null);
    }

    // Takes the message over. There is no batch where there are no rows, whether the result is good or bad.
    private (ReceiveResult Result, RowBatch? Batch, string? Warning) Decode(
        IRequestDecoder decoder, ByteBuffer message, AccessKey? key, ByteLease lease, CancellationToken cancellation)
    {
        var batch = new RowBatch(message, lease, Timestamps.ToNanos(clock.GetUtcNow()))
        {
            MostBuilt = ((long)BuiltOfByte * message.Length) + BuiltAtLeast,
            MostShared = ((long)SharedOfByte * message.Length) + SharedAtLeast,
            Cancellation = cancellation,
            IsOfSender = key is { IsOfServices: true } ? key.MaySpeakFor : null,
        };
        var isTaken = false;
        try
        {
            var decoded = decoder.Decode(batch, lease);
            var result = ToResult(decoded, batch, lease);
            if (result.IsOk && batch.ForeignRows > 0)
            {
                result = CountForeign(batch, key!);
            }

            if (result.IsOk)
            {
                metrics.Decoded(batch.OddValues, batch.LateRows, batch.FutureRows);
                batch.Key = _knowsRepeats ? batch.Key : null;
                isTaken = batch.Count > 0;
            }

            return (result, isTaken ? batch : null, decoded.Warning);
        }
        catch (Exception error) when (error is not (OutOfMemoryException or OperationCanceledException))
        {
            var isFinal = _failed.IsRepeat(RequestHashes.Of("failed"u8, batch.Body.Written));
            DecodingFailed(decoder.Signal, batch.Body.Length, isFinal, error);
            return (ReceiveResult.OfUnforeseen(isFinal), null, null);
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

    // The others are kept, and the answer says how many are not. A large request is kept as its bytes, so there it is all or
    // nothing.
    private ReceiveResult CountForeign(RowBatch batch, AccessKey key)
    {
        var isNoneKept = batch.Count == 0 || batch.Pieces is not null;
        ledger.RejectUnread("foreign_service", batch.ForeignRows + (isNoneKept ? batch.Count : 0));
        return isNoneKept ? new ReceiveResult(ReceiveStatus.Forbidden, Foreign(batch.ForeignRows, key)) : ReceiveResult.Ok;
    }

    private static string Foreign(int rows, AccessKey key) =>
        $"{rows} records are of services that the key '{key.Name}' may not speak for; it may for {string.Join(", ", key.Entry.Services)}";

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

    private static ReceiveResult ToResult(in DecodeResult decoded, RowBatch batch, ByteLease lease) => decoded.Status switch
    {
        DecodeStatus.Ok => ReceiveResult.Ok,
        DecodeStatus.Malformed => ReceiveResult.BadData(decoded.Message!),
        DecodeStatus.NotUnderstood => new ReceiveResult(ReceiveStatus.NotUnderstood, decoded.Message),
        _ when batch.IsTooMuchShared => ReceiveResult.BadData(
            $"the request asks for too much work: its resources, each once for each of its scopes, would hold more than {batch.MostShared} bytes, which is {SharedOfByte} times the length of the message and {SharedAtLeast}"),
        _ when batch.IsTooMuch => ReceiveResult.BadData(
            $"the request asks for too much work: its rows would hold more than {batch.MostBuilt} bytes, which is {BuiltOfByte} times the length of the message and {BuiltAtLeast} (a row counts for 64 at least)"),
        _ when batch.IsCancelled => new ReceiveResult(
            ReceiveStatus.Cancelled, "the call was over before its rows were decoded; nothing of it is kept"),
        _ => ReceiveResult.NoMemory(lease),
    };

    private static ReceiveResult ToResult(IngestOutcome outcome, string? warning) => outcome.Status switch
    {
        IngestStatus.Stored or IngestStatus.Spooled or IngestStatus.Queued => new ReceiveResult(ReceiveStatus.Ok, warning),
        IngestStatus.Duplicate => new ReceiveResult(ReceiveStatus.Ok, warning, IsDuplicate: true),
        IngestStatus.Refused => ReceiveResult.Overloaded(outcome.Reason!),
        _ => ReceiveResult.BadData(outcome.Reason!),
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "Memory ran out while a request was read; it is refused, and its sender told to retry")]
    private partial void OutOfMemory(Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "Decoding a request ({Signal}) of {Bytes} bytes failed; refused for good: {IsFinal}")]
    private partial void DecodingFailed(RequestSignal signal, int bytes, bool isFinal, Exception error);
}
