using Collector.Diagnostics;
using Collector.Model;
using Collector.Pipeline.Ledger;
using Collector.Pipeline.Queue;
using Collector.Pipeline.Streams;
using Collector.Protobuf;
using Collector.Receive.Request;

namespace Collector.Receive.TailStream;

/// <summary>Events of one call that arrived together; those that are new are kept as one request.</summary>
internal sealed class TailEventRequest(TailEventDecoder decoder, StreamTracker streams, TailCall call) : IRequestDecoder
{
    public RequestSignal Signal => RequestSignal.Tail;

    // An acknowledgement says that rows are on disk, whatever Ingest:Acknowledge says; a stream's is sent later.
    public bool? AwaitsStored => !call.IsStream;

    public DecodeResult Decode(RowBatch batch, ByteLease lease)
    {
        var isTaken = false;
        try
        {
            var decoded = Add(batch, lease);
            isTaken = decoded.Status == DecodeStatus.Ok && batch.Count > 0;
            return decoded;
        }
        finally
        {
            if (!isTaken && batch.Stream is { } part)
            {
                streams.End(part, IngestOutcome.Refused("no memory was free, or the request was refused as a whole"));
            }
        }
    }

    private DecodeResult Add(RowBatch batch, ByteLease lease)
    {
        // A stream's events were checked as they arrived.
        if (!call.IsStream && Check(batch.Body.Written) is { IsOk: false } bad)
        {
            return new DecodeResult(DecodeStatus.Malformed, Message: bad.Message);
        }

        if (call.StreamId is not { } id)
        {
            return new DecodeResult(DecodeStatus.Ok);
        }

        // Without a key: a repeat is recognised by the numbers of its events, which a producer may group anew.
        batch.Stream = new StreamPart(id);
        var decoded = batch.Body.Length <= BodyLimits.MostAtOnce ? decoder.Decode(batch, lease, call) : decoder.DecodeInPieces(batch, call);
        // A stream's events before the fault are kept, and then the call ends; a batch is kept whole or not at all.
        return decoded.Status == DecodeStatus.Ok && !call.IsStream && !call.Fault.IsOk
            ? new DecodeResult(DecodeStatus.Malformed, Message: call.Fault.Message)
            : decoded;
    }

    private ReceiveResult Check(ReadOnlySpan<byte> message)
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
}
