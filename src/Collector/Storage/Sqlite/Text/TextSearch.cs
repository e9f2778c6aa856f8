using Collector.Model;

namespace Collector.Storage.Sqlite.Text;

/// <summary>
/// Answers a question for text from the blocks of a sealed segment that may hold it: from the wanted end of time on, each
/// is read in one go, and only what matches in every respect is offered.
/// </summary>
internal sealed class TextSearch(int segment, long rows)
{
    // A word that stands everywhere is found sooner by going along the index of time, until that has cost some 5 ms.
    // After that blocks are quicker, since a row of a block costs a fifth of one that is looked up.
    private const int LookupsFirst = 2_000;
    private const int FewBlocks = 8;

    // A level or a worker has an index of its own, which reads fewer rows than most of the blocks hold.
    private const int ManyBlocks = 4;

    // They never change: read once.
    private volatile bool _isKnown;
    private volatile TextIndex? _index;

    /// <summary>False where the question is better answered in another way; nothing is offered then.</summary>
    public bool TryCollect(ReadSession session, SegmentReader reader, PageScope scope, long lastRow, BestPositions page)
    {
        if (scope.Text is not { } key || IndexOf(reader) is not { } index || !index.Serves(key))
        {
            return false;
        }

        var spans = index.Find(reader, key);
        if (!IsBest(scope, spans.Sum(static span => span.Rows)))
        {
            return false;
        }

        Sort(spans, scope.Question.Descending);
        foreach (var span in spans)
        {
            session.Cancellation.ThrowIfCancellationRequested();
            var (from, to) = scope.Range;
            if (span.FirstTimestamp < to && span.LastTimestamp >= from && page.CanTake(span.FirstTimestamp, span.LastTimestamp))
            {
                Collect(reader, scope, span with { Last = Math.Min(span.Last, lastRow) }, page);
            }
        }

        return true;
    }

    private static void Sort(List<TextSpan> spans, bool isDescending) => spans.Sort(isDescending
        ? static (one, other) => other.LastTimestamp.CompareTo(one.LastTimestamp)
        : static (one, other) => one.FirstTimestamp.CompareTo(other.FirstTimestamp));

    private bool IsBest(PageScope scope, long candidates)
    {
        if (candidates <= rows / FewBlocks)
        {
            return true;
        }

        var hasIndex = scope.Worker is not null || scope.Question.MinLevel > Level.Debug;
        return scope.RowsRead >= LookupsFirst && (!hasIndex || candidates <= rows / ManyBlocks);
    }

    private TextIndex? IndexOf(SegmentReader reader)
    {
        if (!_isKnown)
        {
            _index = TextIndex.Read(reader.Connection, rows);
            _isKnown = true;
        }

        return _index;
    }

    private void Collect(SegmentReader reader, PageScope scope, in TextSpan span, BestPositions page)
    {
        var found = Read(reader, scope, span);
        if (scope.Question.Descending)
        {
            found.Reverse();
        }

        var (from, to) = scope.Range;
        foreach (var position in found)
        {
            (from, to) = page.Narrow(from, to);
            if (position.TimestampNanos >= from && position.TimestampNanos < to
                && reader.TryRead(position, out var row) && scope.Matches(row))
            {
                page.Offer(position);
            }
        }
    }

    private List<Position> Read(SegmentReader reader, PageScope scope, in TextSpan span)
    {
        var found = new List<Position>();
        var read = reader.Prepared(Sql.TextBlockRows);
        read.Bind(1, span.First);
        read.Bind(2, span.Last);
        while (reader.Next(read))
        {
            if (scope.MayMatch(read.Text(1), read.Text(2), read.Text(3), read.Text(4)))
            {
                found.Add(new Position(Timestamps.FromColumn(read.Text(5)), new Arrival(segment, read.Integer(0))));
            }
        }

        read.Reset();
        return found;
    }
}
