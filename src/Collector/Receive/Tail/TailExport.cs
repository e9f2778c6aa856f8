using Collector.Diagnostics;
using Collector.Model;
using Collector.Pipeline.Ledger;
using Collector.Pipeline.Queue;
using Collector.Receive.Request;

namespace Collector.Receive.Tail;

/// <summary>One array of trace items: decoded, and kept as one request.</summary>
internal sealed class TailExport : RequestHandler<TailReport>
{
    private readonly TailDecoder _decoder;

    public TailExport(
        TailDecoder decoder, IngestQueue queue, ByteBudget budget, RowLedger ledger, CollectorMetrics metrics, TimeProvider clock, IngestOptions options)
        : base(queue, budget, ledger, metrics, clock, options) => _decoder = decoder;

    /// <inheritdoc cref="RequestHandler{TKind}.TakeAsync"/>
    public ValueTask<ReceiveResult> ExportAsync(TailReport report, IRequestBody body, CancellationToken cancellation) =>
        TakeAsync(report, RequestSignal.Tail, body, cancellation);

    protected override (ReceiveResult Result, RowBatch? Batch, string? Warning) Decode(
        TailReport kind, ByteBuffer message, ByteLease lease)
    {
        RequestKey? key = KnowsRepeats ? KeyOf("/v1/tail"u8, message.Written) : null;
        var batch = new RowBatch(message, lease, NowNanos);
        var isTaken = false;
        try
        {
            var decoded = _decoder.Decode(batch, lease, kind);
            if (decoded.Status != DecodeStatus.Ok)
            {
                return (ToResult(decoded.Status, decoded.Message, lease), null, null);
            }

            if (kind.Rejected > 0)
            {
                Ledger.RejectUnread("not_a_trace_item", kind.Rejected);
            }

            Metrics.Decoded(batch.OddValues, batch.LateRows, batch.FutureRows);
            batch.Key = batch.HasUntimedRows ? null : key;
            isTaken = batch.Count > 0;
            return (ReceiveResult.Ok, isTaken ? batch : null, null);
        }
        finally
        {
            if (!isTaken)
            {
                batch.Dispose();
            }
        }
    }
}
