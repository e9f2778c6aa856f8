using Collector.Diagnostics;
using Collector.Model;
using Collector.Pipeline.Ledger;
using Collector.Pipeline.Queue;
using Collector.Receive.Request;

namespace Collector.Receive.Otlp;

/// <summary>One Export, whatever transport brought it. JSON is brought into the wire format first.</summary>
internal sealed class OtlpExport : RequestHandler<(OtlpSignal Signal, bool IsJson)>
{
    private readonly OtlpDecoder _decoder;

    public OtlpExport(
        OtlpDecoder decoder, IngestQueue queue, ByteBudget budget, RowLedger ledger, CollectorMetrics metrics, TimeProvider clock, IngestOptions options)
        : base(queue, budget, ledger, metrics, clock, options) => _decoder = decoder;

    /// <inheritdoc cref="RequestHandler{TKind}.TakeAsync"/>
    public ValueTask<ReceiveResult> ExportAsync(
        OtlpSignal signal, bool isJson, IRequestBody body, CancellationToken cancellation) =>
        TakeAsync((signal, isJson), signal.ToLabel(), body, cancellation);

    protected override (ReceiveResult Result, RowBatch? Batch, string? Warning) Decode(
        (OtlpSignal Signal, bool IsJson) kind, ByteBuffer message, ByteLease lease)
    {
        string? warning = null;
        TranscodeResult? transcoded = null;
        var key = KnowsRepeats ? KeyOf([(byte)kind.Signal, kind.IsJson ? (byte)1 : (byte)0], message.Written) : default;
        if (kind.IsJson)
        {
            using var json = message;
            message = new ByteBuffer(lease, json.Length);
            var result = OtlpJson.Transcode(kind.Signal, json.Written, message);
            transcoded = result;
            warning = result.Warning;
            if (result.Status != DecodeStatus.Ok)
            {
                message.Dispose();
                return (ToResult(result.Status, result.Message, lease), null, null);
            }
        }

        var batch = new RowBatch(message, lease, NowNanos);
        var decoded = DecodeOrFree(kind.Signal, batch, transcoded);
        if (decoded.Status == DecodeStatus.Ok && batch.Count > 0)
        {
            Metrics.Decoded(batch.OddValues, batch.LateRows, batch.FutureRows);
            batch.Key = KnowsRepeats && !batch.HasUntimedRows ? key : null;
            return (ReceiveResult.Ok, batch, warning);
        }

        batch.Dispose();
        return (ToResult(decoded.Status, decoded.Message, lease), null, warning);
    }

    private DecodeResult DecodeOrFree(OtlpSignal signal, RowBatch batch, TranscodeResult? transcoded)
    {
        try
        {
            return _decoder.Decode(signal, batch, transcoded);
        }
        catch
        {
            // Unforeseen, and said by the face; but its memory must not count against everybody for ever.
            batch.Dispose();
            throw;
        }
    }
}
