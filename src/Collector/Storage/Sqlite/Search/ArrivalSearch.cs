using Collector.Model;

namespace Collector.Storage.Sqlite.Search;

/// <summary>Reads rows in the order in which they arrived, from one segment to the next.</summary>
internal sealed class ArrivalSearch(ReadSession session)
{
    /// <summary>
    /// Gives at most so many rows behind a place; returns how far it came, which is the last one given where the sink
    /// wants no more.
    /// </summary>
    public Arrival Run(Arrival after, int limit, IRowSink sink)
    {
        var last = after;
        foreach (var searched in session.Segments)
        {
            var number = searched.Segment.Name.Number;
            if (number < after.Segment)
            {
                continue;
            }

            var rows = searched.RowsUpTo(session.Watermark);
            var behind = number == after.Segment ? after.Row : 0;
            if (behind >= rows || limit == 0)
            {
                continue;
            }

            var to = Math.Min(rows, behind + limit);
            // Rows that another program deleted, or whose file is gone, are passed over.
            if (session.ReaderOf(searched.Segment)?.Read(new Arrival(number, behind + 1), to, sink) is { } stopped)
            {
                return stopped;
            }

            limit -= (int)(to - behind);
            last = new Arrival(number, to);
        }

        return last;
    }
}
