using Collector.Diagnostics;
using Collector.Model;
using Collector.Pipeline.Ledger;
using Collector.Pipeline.Queue;
using Collector.Receive.Request;

namespace Collector.Receive.Tail;

/// <summary>One array of trace items, which is kept as one request; an element that is not an item costs only itself.</summary>
internal sealed class TailRequest(TailDecoder decoder, RowLedger ledger) : IRequestDecoder
{
    public RequestSignal Signal => RequestSignal.Tail;

    /// <summary>What became of each element, once decoded.</summary>
    public TailReport Report { get; private set; } = new();

    public DecodeResult Decode(RowBatch batch, ByteLease lease)
    {
        var decoded = DecodeAll(batch, lease);
        if (decoded.Status == DecodeStatus.Ok && Report.Rejected > 0)
        {
            ledger.RejectUnread("not_a_trace_item", Report.Rejected);
        }

        batch.Key = RequestHashes.Of("/v1/tail"u8, batch.Body.Written);
        return decoded;
    }

    // At once where its rows fit into its share, which costs a half of the CPU of pieces.
    private DecodeResult DecodeAll(RowBatch batch, ByteLease lease)
    {
        if (batch.Body.Length <= BodyLimits.MostAtOnce)
        {
            lease.StaysWithinShare = true;
            var result = decoder.Decode(batch, lease, Report);
            lease.StaysWithinShare = false;
            if (result.Status != DecodeStatus.MemoryRefused || batch.IsTooMuch || batch.IsCancelled || batch.Body.Refused)
            {
                return result;
            }
        }

        Report = new TailReport();
        return decoder.DecodeInPieces(batch, Report);
    }
}
