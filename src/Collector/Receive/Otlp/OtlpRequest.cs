using Collector.Diagnostics;
using Collector.Model;
using Collector.Pipeline.Queue;
using Collector.Receive.Request;

namespace Collector.Receive.Otlp;

/// <summary>An Export request of one signal, as protobuf or as JSON, which is brought into the wire format first.</summary>
internal sealed class OtlpRequest(OtlpDecoder decoder, OtlpSignal signal, bool isJson) : IRequestDecoder
{
    public RequestSignal Signal => signal.ToLabel();

    public DecodeResult Decode(RowBatch batch, ByteLease lease)
    {
        if (!isJson)
        {
            return Decode(batch, lease, transcoded: null);
        }

        var message = ByteBuffer.ForBody(lease);
        using var json = batch.ReplaceBody(message);
        var transcoded = OtlpJson.Transcode(signal, json.Written, message);
        return transcoded.Status == DecodeStatus.Ok
            ? Decode(batch, lease, transcoded) with { Warning = transcoded.Warning }
            : new DecodeResult(transcoded.Status, transcoded.Offset, transcoded.Message);
    }

    // At once where its rows fit into its share, which costs a half of the CPU of pieces.
    private DecodeResult Decode(RowBatch batch, ByteLease lease, TranscodeResult? transcoded)
    {
        if (batch.Body.Length <= OtlpDecoder.MostAtOnce)
        {
            lease.StaysWithinShare = true;
            var result = decoder.Decode(signal, batch, transcoded);
            lease.StaysWithinShare = false;
            if (result.Status != DecodeStatus.MemoryRefused || batch.IsTooMuch || batch.IsCancelled || batch.Body.Refused)
            {
                return result;
            }
        }

        return decoder.DecodeInPieces(signal, batch, transcoded);
    }
}
