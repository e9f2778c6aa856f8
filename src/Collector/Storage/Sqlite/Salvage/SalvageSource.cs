using Collector.Model;
using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Segments;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Sqlite.Salvage;

/// <summary>A damaged file: how it is read, and what is known of what stood in it.</summary>
/// <param name="name">Of the file.</param>
/// <param name="path">Where it stands, or stood.</param>
/// <param name="connection">Reads it; null where nothing of it can be read.</param>
internal sealed class SalvageSource(SegmentName name, string path, SqliteConnection? connection)
{
    public SegmentName Name => name;

    public string Path => path;

    public SqliteConnection? Connection => connection;

    /// <summary>As the catalog has it; null where it could not be listed.</summary>
    public Segment? Segment { get; init; }

    /// <summary>Whether the copying is to stop.</summary>
    public Func<bool> IsStopping { get; init; } = static () => false;

    /// <summary>Of its events, as far as that is known.</summary>
    public (ulong From, ulong To) Range =>
        Segment is { } segment && segment.FirstTimestamp <= segment.LastTimestamp ? (segment.FirstTimestamp, segment.LastTimestamp)
        : Segment is { } unread ? (unread.FirstArrivalNanos, unread.LastArrivalNanos)
        : (Timestamps.ToNanos(new DateTimeOffset(File.GetCreationTimeUtc(path))), Timestamps.ToNanos(new DateTimeOffset(File.GetLastWriteTimeUtc(path))));

    public ulong CreatedNanos(TimeProvider clock) => Segment?.CreatedNanos is > 0 and var created ? created : Timestamps.ToNanos(clock.GetUtcNow());

    /// <summary>How many rows stood in it, and the last rowid; of a file that can't be read at all nobody knows.</summary>
    public (long Rows, long LastRow) Expected()
    {
        if (Segment?.Contents is { } contents)
        {
            return (contents.Rows, contents.LastRow);
        }

        // Where the end of the file is missing, what is left of the rows says less than the requests that brought them.
        var requested = Ask("last_requested") ?? 0;
        if (Segment is { } segment)
        {
            // The index may have left out what can't be read, or have read nothing yet.
            return (Math.Max(segment.LastRow, requested), Math.Max(segment.LastRow, requested));
        }

        var (count, last) = (Ask("row_count"), Ask("last_rowid"));
        var figures = KeptFigures()?.Values.Sum() ?? 0;
        var known = Math.Max(Math.Max(count ?? last ?? 0, requested), figures);
        return (known, Math.Max(known, last ?? LastReadable()));
    }

    /// <summary>Rows by minute, worker and kind, as the file or its index kept them; null where they can't be had.</summary>
    public IReadOnlyDictionary<RollupKey, long>? KeptFigures()
    {
        var kept = new Dictionary<RollupKey, long>();
        if (Segment?.Feed is { } feed)
        {
            return feed.Rollup.TryRead((key, figures) => kept[key] = figures.Count) ? kept : null;
        }

        try
        {
            if (connection is null || !connection.HasTable("tail_rollups"))
            {
                return null;
            }

            using var rows = connection.Prepare(Sql.Get("rollup_counts"));
            while (rows.Read())
            {
                kept[new RollupKey((ulong)rows.Integer(0), rows.String(1), Names.KindOf(rows.Text(2)))] = rows.Integer(3);
            }

            return kept;
        }
        catch (SqliteException e) when (SqliteErrors.IsUnreadable(e.SqliteExtendedErrorCode))
        {
            return null;
        }
    }

    private long? Ask(string name)
    {
        try
        {
            using var answer = connection?.Prepare(Sql.Get(name));
            answer?.ReadFirst();
            return answer?.Integer(0);
        }
        catch (SqliteException e) when (SqliteErrors.IsUnreadable(e.SqliteExtendedErrorCode))
        {
            return null;
        }
    }

    // Where neither the last row nor an index can be read.
    private long LastReadable()
    {
        var last = 0L;
        if (connection is not null)
        {
            using var rows = connection.Prepare(Sql.Get("ids_between"));
            new RowWalk(rows).Run(1, long.MaxValue - 1, row =>
            {
                last = row.Integer(0);
                return true;
            });
        }

        return last;
    }
}
