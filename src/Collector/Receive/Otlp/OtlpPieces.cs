using Collector.Model;
using Collector.Receive.Rows;

namespace Collector.Receive.Otlp;

/// <summary>Makes the rows of a large OTLP request, piece by piece. Its body was checked.</summary>
/// <param name="signal">Which request it is.</param>
/// <param name="rules">What the operator decides.</param>
/// <param name="firstNewId">Where the ids begin that it gives: the same each time.</param>
/// <param name="notes">As in <see cref="TranscodeResult"/>.</param>
internal sealed class OtlpPieces(OtlpSignal signal, MappingRules rules, LogId firstNewId, ILookup<int, string>? notes) : IRowPieces
{
    public byte Kind => (byte)signal;

    public LogId FirstNewId => firstNewId;

    public IEnumerable<RowBatch> Read(RowBatch whole) => Read(whole, groups: null);

    /// <summary>The first time: the scope groups become known, and the pieces' memory and work are counted.</summary>
    public IEnumerable<RowBatch> Read(RowBatch whole, ScopeGroups? groups)
    {
        var ids = new LogIdSequence(firstNewId);
        var place = new RequestPlace(Slice.OfBody(0, whole.Body.Length));
        var (rows, isLast) = (0, false);
        while (!isLast)
        {
            using var piece = whole.NewPiece(rows, isCounted: groups is not null);
            using var tools = new OtlpContext(piece, rules, ids, notes);
            isLast = new RequestMapper(piece, signal, rules, tools, groups).Map(place);
            rows += piece.Count;
            yield return piece;
        }
    }
}
