using Collector.Model;
using Collector.Receive.Request;
using Collector.Receive.Rows;

namespace Collector.Receive.Tail;

/// <summary>
/// Turns JSON arrays of TraceItems, or items a line each, into rows; what is not an item costs only itself. Safe for threads: it
/// makes what a request needs for that request, and shares only the id sequence. It does not throw, whatever the bytes.
/// </summary>
internal sealed class TailDecoder(MappingRules rules, LogIdSequence ids) : IRowPiecesFactory
{
    /// <summary>Adds the rows of all items in <see cref="RowBatch.Body"/>.</summary>
    /// <param name="batch">Holds the message.</param>
    /// <param name="allowance">Asked for the memory that mapping needs beside the batch's.</param>
    /// <param name="report">Told of each item.</param>
    public DecodeResult Decode(RowBatch batch, IByteAllowance allowance, TailReport report)
    {
        using var tools = new TailContext(batch, allowance, rules, ids);
        // It stops before the end only where a batch is a piece.
        return new TailWalk(TextOf(batch)).Map(batch, new TailMapper(batch, rules, tools), tools, report) ?? new DecodeResult(DecodeStatus.MemoryRefused);
    }

    /// <summary>
    /// The same for a large message: it is decoded once to know what it holds, and again by whoever stores it. So its rows are
    /// never all in memory.
    /// </summary>
    /// <param name="batch">Holds the message.</param>
    /// <param name="report">Told of each item.</param>
    public DecodeResult DecodeInPieces(RowBatch batch, TailReport report)
    {
        // It gives an id to each item at most, and an item takes two bytes.
        var pieces = new TailPieces(rules, ids.Reserve(batch.Body.Length, batch.ReceivedNanos));
        batch.BeginPieces();
        foreach (var piece in pieces.Read(batch, report))
        {
            batch.AddPiece(piece);
            if (batch.Refused)
            {
                return new DecodeResult(DecodeStatus.MemoryRefused);
            }
        }

        batch.EndPieces(pieces);
        return pieces.Ended;
    }

    public IRowPieces? Create(byte kind, LogId firstNewId) => kind == TailPieces.KindOfItems ? new TailPieces(rules, firstNewId) : null;

    /// <summary>The message without its byte order mark.</summary>
    public static Slice TextOf(RowBatch batch)
    {
        var skipped = JsonTable.ByteOrderMarkOf(batch.Body.Written);
        return Slice.OfBody(skipped, batch.Body.Length - skipped);
    }
}
