using Collector.Model;
using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Segments;
using Collector.Storage.Sqlite.TextIndex;

namespace Collector.Storage.Sqlite.Search;

/// <summary>
/// Looks through neighbours in arrival in one go each, from the wanted end of time on, and offers only what matches in
/// every respect. Measured: 0.5 µs a row, where one that is looked up by itself takes 1.7 µs.
/// </summary>
internal static class TextScan
{
    // A word that stands everywhere is found sooner by looking up the rows in order of time, until that has taken some
    // 5 ms; with a level or a worker, whose own indexes leave few rows to look up, until it has taken 100 ms.
    private const int LookupsFirst = 2_000;
    private const int LookupsByIndexFirst = 40_000;

    /// <summary>Whether so many rows were looked up in vain that going through all of them is quicker.</summary>
    public static bool IsDue(PageScope scope) =>
        scope.RowsRead >= (IsPlain(scope) ? LookupsFirst : LookupsByIndexFirst);

    /// <param name="session">Which is being answered.</param>
    /// <param name="segment">The one that the spans are of.</param>
    /// <param name="spans">Where the text may be.</param>
    /// <param name="scope">What is asked.</param>
    /// <param name="lastRow">The last rowid that the question sees.</param>
    /// <param name="page">Gets what matches.</param>
    public static void Collect(
        ReadSession session, Segment segment, List<TextSpan> spans, PageScope scope, long lastRow, TopK page)
    {
        spans.Sort(scope.Query.Descending
            ? static (one, other) => other.LastTimestamp.CompareTo(one.LastTimestamp)
            : static (one, other) => one.FirstTimestamp.CompareTo(other.FirstTimestamp));
        foreach (var span in spans)
        {
            var (from, to) = scope.Range;
            if (span.FirstTimestamp < to && span.LastTimestamp >= from && page.CanTake(span.FirstTimestamp, span.LastTimestamp))
            {
                if (session.ReaderOf(segment) is not { } reader)
                {
                    return;
                }

                Collect(reader, segment.Name.Number, scope, span with { Last = Math.Min(span.Last, lastRow) }, page);
            }
        }
    }

    private static bool IsPlain(PageScope scope) => scope.Worker is null && scope.Query.MinLevel == Level.Debug;

    private static void Collect(SegmentReader reader, int segment, PageScope scope, in TextSpan span, TopK page)
    {
        var found = Read(reader, segment, scope, span);
        if (scope.Query.Descending)
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
                page.OfferSure(position);
            }
        }
    }

    private static List<Position> Read(SegmentReader reader, int segment, PageScope scope, in TextSpan span)
    {
        var found = new List<Position>();
        var read = reader.Prepared("text_block_rows");
        read.Bind(1, span.First);
        read.Bind(2, span.Last);
        var isPlain = IsPlain(scope);
        while (read.Read())
        {
            // A column costs 25 ns, so that what is not asked for is not fetched.
            if (scope.MayMatch(isPlain ? default : read.Text(1), isPlain ? default : read.Text(2), read.Text(3), read.Text(4)))
            {
                found.Add(new Position(Timestamps.FromColumn(read.Text(5)), new Arrival(segment, read.Integer(0))));
            }
        }

        read.Reset();
        return found;
    }
}
