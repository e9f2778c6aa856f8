using Collector.Model;
using Collector.Storage.Sqlite.Driver;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Sqlite.Segments;

/// <summary>Reads a file's rows into its index in memory, while the writer may append; what can't be read is left out.</summary>
internal static class HotIndexFill
{
    // A read transaction each, so that a checkpoint is never held up for long.
    private const int RowsPerRead = 10_000;

    /// <summary>Reads until nothing committed is missing. Returns why rows were left out; null where none was.</summary>
    /// <exception cref="OperationCanceledException">It was to stop.</exception>
    /// <exception cref="SqliteException">It is busy.</exception>
    public static SqliteException? Run(SqliteConnection connection, Segment segment, HotIndexWriter feed, Func<bool> isStopping)
    {
        using var rows = connection.Prepare(Sql.Get("hot_index_rows"));
        var walk = new RowWalk(rows);
        var isWhole = true;
        while (!feed.TryGoLive(out var committed))
        {
            while (feed.Index.Count < committed)
            {
                if (isStopping())
                {
                    throw new OperationCanceledException();
                }

                isWhole &= Read(walk, segment, feed, Math.Min(feed.Index.Count + RowsPerRead, committed));
            }
        }

        return walk.Failure ?? (isWhole ? null : SqliteErrors.Damage("the time of a row is none"));
    }

    // False where a row is not what was written: of one that is larger than a page, a broken one of its pages shows only so.
    private static bool Read(RowWalk walk, Segment segment, HotIndexWriter feed, long last)
    {
        var index = feed.Index;
        var next = index.Count + 1;
        var isWhole = true;
        using var adding = feed.Rollup.Enter();
        walk.Run(next, last, row =>
        {
            var isRow = Timestamps.IsColumn(row.Text(1));
            isWhole &= isRow;
            next = SkipTo(index, next, row.Integer(0) + (isRow ? 0 : 1));
            if (isRow)
            {
                Add(segment, feed, row);
                next++;
            }

            return true;
        });
        SkipTo(index, next, last + 1);
        index.Publish();
        return isWhole;
    }

    private static void Add(Segment segment, HotIndexWriter feed, SqliteStatement row)
    {
        var trace = TraceIds.TryParse(row.Text(5), out var id) ? id : UInt128.Zero;
        var nanos = Timestamps.FromColumn(row.Text(1));
        var (level, kind) = (Names.LevelOf(row.Text(2)), Names.KindOf(row.Text(7)));
        feed.Index.Add(nanos, level, kind, row.Text(3), row.Text(4), trace, row.Text(10));
        feed.Rollup.Add(nanos, row.Text(3), kind, level, row.IsNull(8) ? null : row.Integer(8), row.IsNull(9) ? null : row.Real(9));
        // The file's last row may be an old one, back from the spool.
        if (Timestamps.FromColumn(row.Text(6)) is > 0 and var arrived)
        {
            segment.Arrived(arrived, arrived);
        }
    }

    private static long SkipTo(HotIndex index, long next, long rowid)
    {
        for (; next < rowid; next++)
        {
            index.Skip();
        }

        return next;
    }
}
