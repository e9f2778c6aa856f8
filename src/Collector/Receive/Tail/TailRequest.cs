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
    public TailReport Report { get; } = new();

    public DecodeResult Decode(RowBatch batch, ByteLease lease)
    {
        var decoded = decoder.Decode(batch, lease, Report);
        if (decoded.Status == DecodeStatus.Ok && Report.Rejected > 0)
        {
            ledger.RejectUnread("not_a_trace_item", Report.Rejected);
        }

        batch.Key = RequestHashes.Of("/v1/tail"u8, batch.Body.Written);
        return decoded;
    }
}
