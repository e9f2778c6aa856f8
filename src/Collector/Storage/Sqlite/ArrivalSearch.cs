using Collector.Model;

namespace Collector.Storage.Sqlite;

/// <summary>Reads rows in the order in which they arrived, from one segment to the next.</summary>
internal sealed class ArrivalSearch(ReadSession session)
{
    /// <summary>Gives at most so many rows behind a place; returns the last one given, or the place.</summary>
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
            for (var row = number == after.Segment ? after.Row + 1 : 1; row <= rows && limit > 0; row++)
            {
                last = new Arrival(number, row);
                limit--;
                // One that another program deleted, or whose file is gone, is passed over.
                if (session.TryRead(new Position(0, last), out var read))
                {
                    read.Position = new Position(Timestamps.FromColumn(read.Timestamp), last);
                    if (!sink.Accept(read))
                    {
                        return last;
                    }
                }
            }
        }

        return last;
    }
}
