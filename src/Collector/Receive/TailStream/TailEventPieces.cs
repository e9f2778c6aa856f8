using Collector.Model;
using Collector.Receive.Rows;
using Collector.Receive.Tail;

namespace Collector.Receive.TailStream;

/// <summary>
/// Makes the rows of a large message of events, piece by piece. Which of them are news was decided once, and stands in the
/// batch's part of the stream, in their order.
/// </summary>
/// <param name="rules">What the operator decides.</param>
/// <param name="firstNewId">Where the ids begin that it gives: the same each time.</param>
internal sealed class TailEventPieces(MappingRules rules, LogId firstNewId) : IRowPieces
{
    public const byte KindOfEvents = 17;

    public byte Kind => KindOfEvents;

    public LogId FirstNewId => firstNewId;

    /// <summary>Memory was refused beside the batches'.</summary>
    public bool IsRefused { get; private set; }

    public IEnumerable<RowBatch> Read(RowBatch whole)
    {
        var taken = whole.Stream!.Ranges.SelectMany(SequencesOf).GetEnumerator();
        var isLeft = taken.MoveNext();
        return Read(whole, IsTaken, isCounted: false);

        bool? IsTaken(EventFields happened)
        {
            if (!isLeft)
            {
                return null;
            }

            if (happened.Sequence != taken.Current)
            {
                return false;
            }

            isLeft = taken.MoveNext();
            return true;
        }
    }

    /// <summary>The first time: it is asked which are news, and the pieces' memory and work are counted.</summary>
    public IEnumerable<RowBatch> Read(RowBatch whole, Func<EventFields, bool?> isNews) => Read(whole, isNews, isCounted: true);

    private static IEnumerable<ulong> SequencesOf(SequenceRange range)
    {
        for (var sequence = range.First; sequence <= range.Last; sequence++)
        {
            yield return sequence;
        }
    }

    private IEnumerable<RowBatch> Read(RowBatch whole, Func<EventFields, bool?> isNews, bool isCounted)
    {
        var ids = new LogIdSequence(firstNewId);
        var walk = new TailEventWalk(Slice.OfBody(0, whole.Body.Length));
        var (rows, isLast) = (0, false);
        while (!isLast)
        {
            using var piece = whole.NewPiece(rows, isCounted);
            using var tools = new TailContext(piece, piece.Allowance, rules, ids);
            isLast = walk.Map(piece, new TailEventMapper(piece, rules, tools), tools, isNews);
            IsRefused |= tools.Refused;
            rows += piece.Count;
            yield return piece;
        }
    }
}
