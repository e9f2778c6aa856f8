using Collector.Diagnostics;
using Collector.Model;
using Collector.Pipeline.Ledger;
using Collector.Pipeline.Queue;
using Collector.Pipeline.Streams;
using Collector.Protobuf;
using Collector.Receive.Request;

namespace Collector.Receive.TailStream;

/// <summary>Events of a stream that came together: decoded, and those that are news kept as one request.</summary>
internal sealed class TailEventExport(
    TailEventDecoder decoder,
    StreamTracker streams,
    IngestQueue queue,
    ByteBudget budget,
    RowLedger ledger,
    CollectorMetrics metrics,
    TimeProvider clock,
    IngestOptions options) : RequestHandler<TailCall>(queue, budget, ledger, metrics, clock, options)
{
    public TailCall Begin(bool isStream) => new(streams, isStream);

    /// <inheritdoc cref="RequestHandler{TKind}.TakeAsync"/>
    public ValueTask<ReceiveResult> ExportAsync(TailCall call, IRequestBody body, CancellationToken cancellation) =>
        TakeAsync(call, RequestSignal.Tail, body, cancellation);

    /// <summary>Counts what ended a stream between its requests, as a request that ends so is counted.</summary>
    public ReceiveResult Counted(ReceiveResult end)
    {
        if (!end.IsOk && end.Status != ReceiveStatus.Cancelled)
        {
            CountUnread(end.Status);
        }

        return end;
    }

    // An acknowledgement says that rows are on disk, whatever others are told.
    protected override bool AwaitsStored(TailCall kind) => !kind.IsStream;

    protected override (ReceiveResult Result, RowBatch? Batch, string? Warning) Decode(
        TailCall kind, ByteBuffer message, ByteLease lease)
    {
        var batch = new RowBatch(message, lease, NowNanos);
        var isTaken = false;
        try
        {
            var result = kind.IsStream ? ReceiveResult.Ok : Check(kind, message.Written);
            if (result.IsOk && kind.StreamId is { } id)
            {
                batch.Stream = new StreamPart(id);
                var decoded = decoder.Decode(batch, lease, kind);
                result = ToResult(decoded.Status, decoded.Message, lease);
            }

            // A stream's events before the fault are kept, and then the call ends; a batch is kept whole or not at all.
            result = result.IsOk && !kind.IsStream ? kind.Fault : result;
            Metrics.Decoded(batch.OddValues, batch.LateRows, batch.FutureRows);
            isTaken = result.IsOk && batch.Count > 0;
            return (result, isTaken ? batch : null, null);
        }
        finally
        {
            if (!isTaken)
            {
                GiveUp(batch);
            }
        }
    }

    private static ReceiveResult Check(TailCall call, ReadOnlySpan<byte> message)
    {
        if (TailSchema.Check(message, TailMessage.TailBatch) is { } fault)
        {
            return ReceiveResult.BadData(fault.Message);
        }

        for (var reader = new WireReader(message, Slice.OfBody(0, message.Length)); reader.Next();)
        {
            if (reader.Field == TailSchema.BatchEvents && call.Check(message, reader.Payload) is { IsOk: false } bad)
            {
                return bad;
            }
        }

        return ReceiveResult.Ok;
    }

    private void GiveUp(RowBatch batch)
    {
        if (batch.Stream is { } part)
        {
            streams.End(part, IngestOutcome.Refused("no memory was free, or the request was refused as a whole"));
        }

        batch.Dispose();
    }
}
