using Collector.Model;
using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Segments;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Sqlite.Search;

/// <summary>Finds the markers of losses that touch a range of time, of all workers or of one.</summary>
internal sealed class MarkerSearch(ReadSession session, string? worker, ulong fromNanos, ulong toNanos)
{
    // As find_gaps.sql gives of one segment.
    private const int Max = 1_000;

    /// <summary>The latest first, as many as are given at most.</summary>
    public IReadOnlyList<Gap> Run()
    {
        var latest = OfUnreadable().ToList();
        foreach (var segment in session.Segments.Select(static searched => searched.Segment))
        {
            if (segment.Contents?.HasGaps != false && session.ReaderOf(segment) is { } reader)
            {
                TryRead(segment, reader, latest);
                latest = [.. latest.OrderByDescending(static gap => gap.ToNanos).Take(Max)];
            }
        }

        return latest;
    }

    // Until it is known what is lost of a file, and whose rows those are, all of its time may lack some of anybody's.
    private IEnumerable<Gap> OfUnreadable() =>
        from file in session.Unreadable
        where file.ToNanos >= fromNanos && file.FromNanos < toNanos
        select new Gap(Gap.UnknownWorker, file.FromNanos, file.ToNanos, file.Rows, file.Reason);

    private void TryRead(Segment segment, SegmentReader reader, List<Gap> gaps)
    {
        try
        {
            Read(reader, gaps);
        }
        catch (SqliteException e) when (SqliteErrors.IsUnreadable(e.SqliteExtendedErrorCode))
        {
            session.LeaveOut(segment, e);
        }
    }

    private void Read(SegmentReader reader, List<Gap> gaps)
    {
        var rows = reader.Prepared("find_gaps");
        rows.BindTime(1, fromNanos);
        rows.BindTime(2, toNanos);
        if (worker is null)
        {
            rows.BindNull(3);
        }
        else
        {
            rows.Bind(3, worker);
        }

        while (rows.Read())
        {
            gaps.Add(new Gap(
                rows.String(0), Timestamps.FromColumn(rows.Text(1)), Timestamps.FromColumn(rows.Text(2)), rows.Integer(3), rows.String(4)));
        }

        rows.Reset();
    }
}
