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
            return decoder.Decode(signal, batch);
        }

        var message = new ByteBuffer(lease, batch.Body.Length);
        using var json = batch.ReplaceBody(message);
        var transcoded = OtlpJson.Transcode(signal, json.Written, message);
        return transcoded.Status == DecodeStatus.Ok
            ? decoder.Decode(signal, batch, transcoded) with { Warning = transcoded.Warning }
            : new DecodeResult(transcoded.Status, transcoded.Offset, transcoded.Message);
    }
}
