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
internal sealed class SealedSearch(Segment segment, SealedExtent extent) : ISegmentSearch
{
    private readonly TextSearch _text = new(segment, extent.Rows);
    private volatile IReadOnlyDictionary<string, ulong>? _workers;

    public long Rows => extent.Rows;

    public ulong FirstTimestamp => extent.FirstTimestamp;

    public ulong LastTimestamp => extent.LastTimestamp;

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
        session.ReaderOf(segment)?.FindCorrelation(segment.Name.Number, key.Id, lastRow, found);

    public void FindTrace(ReadSession session, UInt128 trace, long lastRow, CorrelationRows found) =>
        session.ReaderOf(segment)?.FindTrace(segment.Name.Number, trace, lastRow, found);

    // A segment that is gone meanwhile has no rows.
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
        figures.AddRows(reader, rows);
    }

    // They never change: read once.
    public IReadOnlyDictionary<string, ulong> Workers(ReadSession session) =>
        _workers ??= session.ReaderOf(segment) is { } reader ? RollupTable.Workers(reader.Connection) : new Dictionary<string, ulong>();

    private static void MeasureLevels(ReadSession session, SegmentReader reader, RowMetrics figures, long lastRow)
    {
        var sql = !figures.AreCounts ? Sql.Get("figures_by_worker") : figures.Worker is null ? Sql.Get("counts_by_level") : Sql.Get("counts_by_worker");
        for (var level = figures.MinLevel; level <= Level.Error; level++)
        {
            session.Cancellation.ThrowIfCancellationRequested();
            var rows = reader.Prepared(sql);
            BindRange(rows, figures, lastRow);
            rows.Bind(4, Names.Utf8(level));
            if (figures.Worker is { } worker)
            {
                rows.Bind(5, worker);
            }

            if (figures.AreCounts)
            {
                figures.AddCounts(reader, rows, level);
            }
            else
            {
                figures.AddRows(reader, rows);
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
            reader.CollectPage(segment.Name.Number, shape, scope, bound, page);
        }
    }

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

/// <param name="From">Inclusive.</param>
/// <param name="To">Exclusive.</param>
/// <param name="LastRow">The last rowid that the question sees.</param>
/// <param name="Behind">Only rows behind this time and rowid, in the order of the answer.</param>
/// <param name="Level">Exactly this level; null where it does not matter.</param>
internal readonly record struct PageBound(ulong From, ulong To, long LastRow, (ulong Nanos, long Row) Behind, Level? Level);
