using Collector.Model;
using Collector.Receive.Request;
using Collector.Receive.Rows;
using Collector.Receive.Tail;

namespace Collector.Receive.TailStream;

/// <summary>
/// Turns a TailBatch into rows, one for each event that is news. Safe for threads: it makes what a request needs for
/// that request, and shares only the id sequence. It does not throw, whatever the bytes.
/// </summary>
internal sealed class TailEventDecoder(MappingRules rules, LogIdSequence ids) : IRowPiecesFactory
{
    /// <summary>Adds the rows of the events in <see cref="RowBatch.Body"/>, which the call has checked.</summary>
    /// <param name="batch">Holds the message.</param>
    /// <param name="allowance">Asked for the memory that mapping needs beside the batch's.</param>
    /// <param name="call">Says which events are news; once it takes no more, the decoder leaves out the rest.</param>
    public DecodeResult Decode(RowBatch batch, IByteAllowance allowance, TailCall call)
    {
        using var tools = new TailContext(batch, allowance, rules, ids);
        var walk = new TailEventWalk(Slice.OfBody(0, batch.Body.Length));
        walk.Map(batch, new TailEventMapper(batch, rules, tools), tools, happened => IsNews(call, batch, batch.Stream!, happened));
        return new DecodeResult(tools.Refused ? DecodeStatus.MemoryRefused : DecodeStatus.Ok);
    }

    /// <summary>
    /// The same for a large message: it is decoded once to know what it holds, and again by whoever stores it. So its rows are
    /// never all in memory.
    /// </summary>
    /// <param name="batch">Holds the message.</param>
    /// <param name="call">As above.</param>
    public DecodeResult DecodeInPieces(RowBatch batch, TailCall call)
    {
        // It gives an id to each event at most, and an event takes two bytes.
        var pieces = new TailEventPieces(rules, ids.Reserve(batch.Body.Length, batch.ReceivedNanos));
        batch.BeginPieces();
        foreach (var piece in pieces.Read(batch, happened => IsNews(call, batch, batch.Stream!, happened)))
        {
            batch.AddPiece(piece);
            if (batch.Refused)
            {
                break;
            }
        }

        batch.EndPieces(pieces);
        return new DecodeResult(batch.Refused || pieces.IsRefused ? DecodeStatus.MemoryRefused : DecodeStatus.Ok);
    }

    public IRowPieces? Create(byte kind, LogId firstNewId) =>
        kind == TailEventPieces.KindOfEvents ? new TailEventPieces(rules, firstNewId) : null;

    // Null: it is not, and no more are taken.
    private static bool? IsNews(TailCall call, RowBatch batch, StreamPart part, in EventFields happened) =>
        call.TryAdd(part, happened.Sequence, WorkerOf(batch, happened)) ? true
        : call.Fault.IsOk ? false
        : null;

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
