using Collector.Model;
using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Rollup;
using Collector.Storage.Sqlite.Segments;
using Collector.Storage.Sqlite.TextIndex;

namespace Collector.Storage.Sqlite.Search;

/// <summary>
/// Searches a sealed segment by its own indexes. A worker's or a level's rows stand in order of time for each level by
/// itself, so that "this level or worse" asks once a level, and each answer ends with the page.
/// </summary>
internal sealed class SealedSearch(Segment segment, SealedContents contents) : ISegmentSearch
{
    private readonly TextSearch _text = new(segment, contents.LastRow);
    private volatile IReadOnlyDictionary<string, ulong>? _workers;

    public long LastRow => contents.LastRow;

    public ulong FirstTimestamp => contents.FirstTimestamp;

    public ulong LastTimestamp => contents.LastTimestamp;

    public void Collect(ReadSession session, PageScope scope, long lastRow, TopK page)
    {
        if (session.ReaderOf(segment) is not { } reader)
        {
            return;
        }

        if (_text.TryCollect(session, reader, scope, lastRow, page))
        {
            return;
        }

        foreach (var range in KindMinutes.Ranges(reader, scope))
        {
            if (range.From >= range.To)
            {
                continue;
            }

            if (!page.CanTake(range.From, range.To - 1))
            {
                return;
            }

            session.Cancellation.ThrowIfCancellationRequested();
            CollectRange(session, reader, scope, range, lastRow, page);
        }
    }

    public void FindCorrelation(ReadSession session, CorrelationKey key, long lastRow, CorrelationRows found) =>
        FindId(session, "sealed_correlation", key, lastRow, found);

    public void FindRequest(ReadSession session, CorrelationKey key, long lastRow, CorrelationRows found) =>
        FindId(session, "sealed_request", key, lastRow, found);

    public void FindSpan(ReadSession session, byte[] span, long lastRow, CorrelationRows found) =>
        SpanSearch.Find(session, segment, span, lastRow, found);

    private void FindId(ReadSession session, string question, CorrelationKey key, long lastRow, CorrelationRows found)
    {
        if (session.ReaderOf(segment)?.Prepared(question) is not { } rows)
        {
            return;
        }

        rows.Bind(1, key.Id);
        rows.Bind(2, lastRow);
        while (rows.Read())
        {
            found.Add(PositionOf(rows));
            if (TraceIds.TryParse(rows.Text(2), out var trace))
            {
                found.AddTrace(trace);
            }
        }

        rows.Reset();
    }

    public void FindTrace(ReadSession session, UInt128 trace, long lastRow, CorrelationRows found)
    {
        if (session.ReaderOf(segment)?.Prepared("sealed_trace") is not { } rows)
        {
            return;
        }

        Span<byte> text = stackalloc byte[TraceIds.TextLength];
        TraceIds.Write(trace, text);
        rows.Bind(1, text);
        rows.Bind(2, lastRow);
        while (rows.Read())
        {
            found.Add(PositionOf(rows));
        }

        rows.Reset();
    }

    // A segment that was deleted meanwhile has no rows.
    public bool TryRollUp(ReadSession session, int stepSeconds, RollupScope scope) =>
        session.ReaderOf(segment) is not { } reader || RollupTable.TryCollect(reader.Connection, stepSeconds, scope);

    public void Measure(ReadSession session, RowMetrics figures, long lastRow)
    {
        if (session.ReaderOf(segment) is not { } reader)
        {
            return;
        }

        if (figures.Worker is not null || figures.AreCounts)
        {
            MeasureLevels(session, reader, figures, lastRow);
            return;
        }

        var rows = reader.Prepared("figures_by_time");
        BindRange(rows, figures, lastRow);
        figures.AddRows(rows);
    }

    // They never change: read once.
    public IReadOnlyDictionary<string, ulong> Workers(ReadSession session) =>
        _workers ??= session.ReaderOf(segment) is { } reader ? RollupTable.Workers(reader.Connection) : new Dictionary<string, ulong>();

    private static void MeasureLevels(ReadSession session, SegmentReader reader, RowMetrics figures, long lastRow)
    {
        var name = !figures.AreCounts ? "figures_by_worker" : figures.Worker is null ? "counts_by_level" : "counts_by_worker";
        for (var level = figures.MinLevel; level <= Level.Error; level++)
        {
            session.Cancellation.ThrowIfCancellationRequested();
            var rows = reader.Prepared(name);
            BindRange(rows, figures, lastRow);
            rows.Bind(4, Names.Utf8(level));
            if (figures.Worker is { } worker)
            {
                rows.Bind(5, worker);
            }

            if (figures.AreCounts)
            {
                figures.AddCounts(rows, level);
            }
            else
            {
                figures.AddRows(rows);
            }
        }
    }

    private static void BindRange(SqliteStatement rows, RowMetrics figures, long lastRow)
    {
        rows.BindTime(1, figures.Query.From);
        rows.BindTime(2, figures.Query.To);
        rows.Bind(3, lastRow);
    }

    private void CollectRange(
        ReadSession session, SegmentReader reader, PageScope scope, (ulong From, ulong To) range, long lastRow, TopK page)
    {
        var shape = PageShape.Of(scope);
        if (!shape.HasLevel)
        {
            CollectLevel(reader, scope, shape, (null, range), lastRow, page);
            return;
        }

        for (var level = Level.Error; level >= scope.Query.MinLevel; level--)
        {
            session.Cancellation.ThrowIfCancellationRequested();
            CollectLevel(reader, scope, shape, (level, range), lastRow, page);
            if (level == Level.Debug)
            {
                break;
            }
        }
    }

    private void CollectLevel(
        SegmentReader reader, PageScope scope, PageShape shape, (Level? Level, (ulong, ulong) Range) part, long lastRow, TopK page)
    {
        var (from, to) = part.Range;
        (from, to) = page.Narrow(from, to);
        if (from < to)
        {
            var bound = new PageBound(from, to, lastRow, BoundOf(scope, from, to), part.Level);
            ReadPage(reader, shape, scope, bound, page);
        }
    }

    // The first rows that match, as many as the page can keep.
    private void ReadPage(SegmentReader reader, PageShape shape, PageScope scope, in PageBound bound, TopK page)
    {
        var rows = reader.PreparedText(PageSql.For(shape));
        PageSql.Bind(rows, scope, bound);
        rows.Bind(PageSql.Parameter.Limit, page.Capacity);
        while (rows.Read())
        {
            page.Offer(PositionOf(rows));
        }

        rows.Reset();
    }

    private Position PositionOf(SqliteStatement row) =>
        new(Timestamps.FromColumn(row.Text(1)), new Arrival(segment.Name.Number, row.Integer(0)));

    // Behind a place in another segment lie of the rows at its very time either all of this one's or none.
    private (ulong Nanos, long Row) BoundOf(PageScope scope, ulong from, ulong to)
    {
        if (scope.After is not { } after)
        {
            return scope.Query.Descending ? (to, 0) : (from, 0);
        }

        var arrival = after.Arrival;
        var row = arrival.Segment == segment.Name.Number ? arrival.Row
            : arrival.Segment > segment.Name.Number ? long.MaxValue
            : 0;
        return (after.TimestampNanos, row);
    }
}
