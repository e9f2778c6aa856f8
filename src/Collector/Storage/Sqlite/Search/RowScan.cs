using Collector.Model;
using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Rollup;
using Collector.Storage.Sqlite.Segments;

namespace Collector.Storage.Sqlite.Search;

/// <summary>
/// Searches a segment whose indexes, figures or other parts can't be read, by all of its rows that can: some 2 µs a row, for
/// the seconds until these stand in a file of their own. What can't be read of them is passed over, and nothing of it throws.
/// </summary>
/// <param name="segment">The damaged one.</param>
/// <param name="usual">How it is searched otherwise: knows its range.</param>
internal sealed class RowScan(Segment segment, ISegmentSearch usual) : ISegmentSearch
{
    // As rows_alone.sql has them.
    private static class Column
    {
        public const int Worker = 2;
        public const int Request = 3;
        public const int Correlation = 4;
        public const int Level = 5;
        public const int Timestamp = 8;
        public const int Kind = 10;
        public const int Trace = 11;
        public const int Span = 12;
        public const int CpuMs = 16;
        public const int WallMs = 17;
    }

    private readonly HashSet<UInt128> _followed = [];

    public long LastRow => usual.LastRow;

    public ulong FirstTimestamp => usual.FirstTimestamp;

    public ulong LastTimestamp => usual.LastTimestamp;

    public void Collect(ReadSession session, PageScope scope, long lastRow, TopK page)
    {
        var (from, to) = scope.Range;
        var hasResource = scope.Query.Attributes.Count > 0;
        Walk(session, lastRow, row =>
        {
            (from, to) = page.Narrow(from, to);
            var position = PositionOf(row);
            if (position.TimestampNanos < from || position.TimestampNanos >= to)
            {
                return;
            }

            if (hasResource)
            {
                page.Offer(position);
            }
            else if (scope.Matches(SegmentReader.RowAt(row, segment.Name.Number)))
            {
                page.OfferSure(position);
            }
        });
    }

    public void FindCorrelation(ReadSession session, CorrelationKey key, long lastRow, CorrelationRows found) =>
        FindId(session, Column.Correlation, key.Id, lastRow, found);

    public void FindRequest(ReadSession session, CorrelationKey key, long lastRow, CorrelationRows found) =>
        FindId(session, Column.Request, key.Id, lastRow, found);

    public void FindSpan(ReadSession session, byte[] span, long lastRow, CorrelationRows found) =>
        FindId(session, Column.Span, span, lastRow, found);

    private void FindId(ReadSession session, int column, byte[] id, long lastRow, CorrelationRows found) =>
        Walk(session, lastRow, row =>
        {
            if (row.Text(column).SequenceEqual(id))
            {
                found.Add(PositionOf(row));
                if (TraceIds.TryParse(row.Text(Column.Trace), out var trace))
                {
                    found.AddTrace(trace);
                }
            }
        });

    // Of all traces in one go: each by itself would read all rows again.
    public void FindTrace(ReadSession session, UInt128 trace, long lastRow, CorrelationRows found)
    {
        if (_followed.Contains(trace))
        {
            return;
        }

        _followed.UnionWith(found.Traces);
        _followed.Add(trace);
        Walk(session, lastRow, row =>
        {
            if (TraceIds.TryParse(row.Text(Column.Trace), out var id) && _followed.Contains(id))
            {
                found.Add(PositionOf(row));
            }
        });
    }

    public bool TryRollUp(ReadSession session, int stepSeconds, RollupScope scope)
    {
        AddFigures(session, scope, LastRow);
        return true;
    }

    public void Measure(ReadSession session, RowMetrics figures, long lastRow) => AddFigures(session, figures.Scope, lastRow);

    public IReadOnlyDictionary<string, ulong> Workers(ReadSession session)
    {
        var workers = new Dictionary<string, ulong>(StringComparer.Ordinal);
        Walk(session, LastRow, row =>
        {
            var name = row.String(Column.Worker);
            workers[name] = Math.Max(workers.GetValueOrDefault(name), TimeOf(row));
        });
        return workers;
    }

    private void AddFigures(ReadSession session, RollupScope scope, long lastRow)
    {
        var query = scope.Query;
        Walk(session, lastRow, row =>
        {
            var nanos = TimeOf(row);
            if (nanos >= query.From && nanos < query.To
                && (query.Worker is null || row.String(Column.Worker) == query.Worker)
                && (query.Kind is null || Names.KindOf(row.Text(Column.Kind)) == query.Kind))
            {
                scope.StepOf(row.String(Column.Worker), nanos).Add(
                    nanos, Names.LevelOf(row.Text(Column.Level)),
                    row.IsNull(Column.CpuMs) ? null : row.Integer(Column.CpuMs), row.IsNull(Column.WallMs) ? null : row.Real(Column.WallMs));
            }
        });
    }

    private void Walk(ReadSession session, long lastRow, Action<SqliteStatement> take)
    {
        if (session.ReaderOf(segment) is not { } reader)
        {
            return;
        }

        try
        {
            new RowWalk(reader.Prepared("rows_alone")).Run(1, lastRow, row =>
            {
                if (Timestamps.IsColumn(row.Text(Column.Timestamp)))
                {
                    take(row);
                }

                return true;
            });
        }
        catch (Microsoft.Data.Sqlite.SqliteException e) when (SqliteErrors.IsUnreadable(e.SqliteExtendedErrorCode))
        {
            // Not even the tables are known: it has no row.
            session.LeaveOut(segment, e);
        }
    }

    private static ulong TimeOf(SqliteStatement row) => Timestamps.FromColumn(row.Text(Column.Timestamp));

    private Position PositionOf(SqliteStatement row) => new(TimeOf(row), new Arrival(segment.Name.Number, row.Integer(0)));
}
