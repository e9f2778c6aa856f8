using Collector.Model;
using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Segments;
using Microsoft.Data.Sqlite;

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
            if (Read(searched.Segment, new Arrival(number, behind + 1), to, sink) is { } stopped)
            {
                return stopped;
            }

            limit -= (int)(to - behind);
            last = new Arrival(number, to);
        }

        return last;
    }

    // Rows that another program deleted, that can't be read, or whose file is gone, are passed over.
    private Arrival? Read(Segment segment, Arrival first, long last, IRowSink sink)
    {
        if (session.ReaderOf(segment) is not { } reader)
        {
            return null;
        }

        try
        {
            var stopped = reader.Read(first, last, sink, out var failure);
            if (failure is not null)
            {
                session.LeaveOut(segment, failure);
            }

            return stopped;
        }
        catch (SqliteException e) when (SqliteErrors.IsUnreadable(e.SqliteExtendedErrorCode))
        {
            session.LeaveOut(segment, e);
            return null;
        }
    }
}
