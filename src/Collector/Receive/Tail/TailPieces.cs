using Collector.Model;
using Collector.Receive.Request;
using Collector.Receive.Rows;

namespace Collector.Receive.Tail;

/// <summary>Makes the rows of a large message of items, piece by piece.</summary>
/// <param name="rules">What the operator decides.</param>
/// <param name="firstNewId">Where the ids begin that it gives: the same each time.</param>
internal sealed class TailPieces(MappingRules rules, LogId firstNewId) : IRowPieces
{
    /// <summary>Behind those of OTLP's signals.</summary>
    public const byte KindOfItems = 16;

    public byte Kind => KindOfItems;

    public LogId FirstNewId => firstNewId;

    /// <summary>How the first walk ended.</summary>
    public DecodeResult Ended { get; private set; }

    public IEnumerable<RowBatch> Read(RowBatch whole) => Read(whole, new TailReport(), isCounted: false);

    /// <summary>The first time: the items are reported, and the pieces' memory and work are counted.</summary>
    public IEnumerable<RowBatch> Read(RowBatch whole, TailReport report) => Read(whole, report, isCounted: true);

    private IEnumerable<RowBatch> Read(RowBatch whole, TailReport report, bool isCounted)
    {
        var ids = new LogIdSequence(firstNewId);
        var walk = new TailWalk(TailDecoder.TextOf(whole));
        DecodeResult? result = null;
        for (var rows = 0; result is null;)
        {
            using var piece = whole.NewPiece(rows, isCounted);
            using var tools = new TailContext(piece, piece.Allowance, rules, ids);
            result = walk.Map(piece, new TailMapper(piece, rules, tools), tools, report);
            Ended = result.GetValueOrDefault();
            rows += piece.Count;
            yield return piece;
        }
    }
}
