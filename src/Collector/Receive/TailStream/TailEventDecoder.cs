using Collector.Model;
using Collector.Protobuf;
using Collector.Receive.Request;
using Collector.Receive.Rows;
using Collector.Receive.Tail;

namespace Collector.Receive.TailStream;

/// <summary>
/// Turns a TailBatch into rows, one for each event that is news. Safe for threads: it makes what a request needs for
/// that request, and shares only the id sequence. It does not throw, whatever the bytes.
/// </summary>
internal sealed class TailEventDecoder(MappingRules rules, LogIdSequence ids)
{
    /// <summary>Adds the rows of the events in <see cref="RowBatch.Body"/>, which the call has checked.</summary>
    /// <param name="batch">Holds the message.</param>
    /// <param name="allowance">Asked for the memory that mapping needs beside the batch's.</param>
    /// <param name="call">Says which events are news; once it takes no more, the decoder leaves out the rest.</param>
    public DecodeResult Decode(RowBatch batch, IByteAllowance allowance, TailCall call)
    {
        using var tools = new TailContext(batch, allowance, rules, ids);
        var mapper = new TailEventMapper(batch, rules, tools);
        var message = Slice.OfBody(0, batch.Body.Length);
        for (var reader = new WireReader(batch.Body.Written, message); reader.Next() && !tools.Refused;)
        {
            if (reader.Field != TailSchema.BatchEvents)
            {
                continue;
            }

            var happened = EventFields.Read(batch.Body.Written, reader.Payload);
            if (call.TryAdd(batch.Stream!, happened.Sequence, WorkerOf(batch, happened)))
            {
                mapper.Map(happened);
            }
            else if (!call.Fault.IsOk)
            {
                break;
            }
        }

        return new DecodeResult(tools.Refused ? DecodeStatus.MemoryRefused : DecodeStatus.Ok);
    }

    // The name that the event's row has, so that a repeat counts in the same account.
    private static ReadOnlySpan<byte> WorkerOf(RowBatch batch, in EventFields happened)
    {
        var name = batch.Text(happened.Worker);
        name = name[..Utf8Text.Cut(name, MappingContext.MaxIdBytes)];
        return Utf8Text.IsClean(name) ? name : Repaired(name);
    }

    private static byte[] Repaired(ReadOnlySpan<byte> name)
    {
        using var clean = new ByteBuffer(Unbounded.Instance);
        Utf8Text.AppendClean(clean, name);
        return clean.Written.ToArray();
    }
}
