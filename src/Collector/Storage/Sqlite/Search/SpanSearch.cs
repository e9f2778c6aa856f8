using Collector.Model;
using Collector.Storage.Sqlite.Segments;

namespace Collector.Storage.Sqlite.Search;

/// <summary>Finds the rows of a span by reading all of a segment, since no index has them: some 0.3 s for a million rows.</summary>
internal static class SpanSearch
{
    public static void Find(ReadSession session, Segment segment, byte[] span, long lastRow, CorrelationRows found)
    {
        if (session.ReaderOf(segment)?.Prepared("rows_of_span") is not { } rows)
        {
            return;
        }

        rows.Bind(1, span);
        rows.Bind(2, lastRow);
        while (rows.Read())
        {
            found.Add(new Position(Timestamps.FromColumn(rows.Text(1)), new Arrival(segment.Name.Number, rows.Integer(0))));
            if (TraceIds.TryParse(rows.Text(2), out var trace))
            {
                found.AddTrace(trace);
            }
        }

        rows.Reset();
    }
}
