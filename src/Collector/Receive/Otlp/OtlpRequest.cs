using Collector.Diagnostics;
using Collector.Model;
using Collector.Pipeline.Queue;
using Collector.Protobuf;
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
            return Understood(Decode(batch, lease, transcoded: null), batch, unknown: null);
        }

        var message = ByteBuffer.ForBody(lease);
        using var json = batch.ReplaceBody(message);
        var transcoded = OtlpJson.Transcode(signal, json.Written, message);
        return transcoded.Status == DecodeStatus.Ok
            ? Understood(Decode(batch, lease, transcoded) with { Warning = transcoded.Warning }, batch, transcoded.Unknown)
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

    // No row, although something was sent: an answer of OK would let a sender go on for ever that is set up wrongly. An empty
    // request is fine.
    private DecodeResult Understood(DecodeResult result, RowBatch batch, string? unknown)
    {
        if (result.Status != DecodeStatus.Ok || batch.Count > 0 || (unknown ?? UnknownOf(batch.Body.Written)) is not { } member)
        {
            return result;
        }

        var request = OtlpSchema.Messages.FieldsOf(OtlpSchema.RequestOf(signal))[0];
        var other = signal == OtlpSignal.Logs ? OtlpSignal.Traces : OtlpSignal.Logs;
        var isOther = OtlpSchema.Messages.FieldsOf(OtlpSchema.RequestOf(other))[0] is var field && (member == field.JsonName || member == field.Name);
        var hint = isOther ? $"it is a request of {other.ToLabel().ToString().ToLowerInvariant()}, which have a path of their own" : $"legal is {request.JsonName}";
        return new DecodeResult(
            DecodeStatus.NotUnderstood, Message: $"nothing of the request is known here: '{member}' is no member of {signal.ToLabel().ToString().ToLowerInvariant()}; {hint}");
    }

    // Of a message of another schema, whose fields have other numbers.
    private static string? UnknownOf(ReadOnlySpan<byte> body)
    {
        var reader = new WireReader(body, Slice.OfBody(0, body.Length));
        string? unknown = null;
        while (reader.Next())
        {
            if (reader.Field == Field.RequestResources)
            {
                return null;
            }

            unknown ??= $"field {reader.Field}";
        }

        return unknown;
    }
}
