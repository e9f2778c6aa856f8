using Collector.Model;
using SQLitePCL;

namespace Collector.Storage.Sqlite;

/// <summary>
/// What a segment's own tables say of it; zero where there is nothing. The last rowid is also the number of rows,
/// since rows are never deleted one by one.
/// </summary>
internal readonly record struct SegmentDescription(
    SegmentState State, long LastRowid, long LastResourceId, ulong FirstArrivalNanos, ulong LastArrivalNanos)
{
    /// <summary>Version of the tables that this program writes, and the newest that it reads.</summary>
    public const int Format = 1;

    /// <exception cref="SqliteException">The file cannot be read, or is not the segment that its name says.</exception>
    public static SegmentDescription Read(SqliteConnection connection, SegmentName name)
    {
        var state = ReadState(connection, name);
        using var extent = connection.Prepare(Sql.SegmentExtent);
        var code = extent.Step();
        if (code != raw.SQLITE_ROW)
        {
            throw connection.Failure(code);
        }

        return new SegmentDescription(state, extent.Integer(0), extent.Integer(3),
            Timestamps.FromColumn(extent.Text(1)), Timestamps.FromColumn(extent.Text(2)));
    }

    private static SegmentState ReadState(SqliteConnection connection, SegmentName name)
    {
        using var meta = connection.Prepare(Sql.ReadMeta);
        var code = meta.Step();
        if (code != raw.SQLITE_ROW)
        {
            throw code == raw.SQLITE_DONE ? Damaged("its meta row is missing") : connection.Failure(code);
        }

        if (meta.Integer(0) > Format)
        {
            throw NotOurs($"it has format {meta.Integer(0)}, written by a newer Collector");
        }

        if (meta.Integer(1) != name.Number)
        {
            throw NotOurs($"it is a copy of segment {meta.Integer(1)} under another number");
        }

        return meta.Text(2).SequenceEqual("hot"u8) ? SegmentState.Hot
            : meta.Text(2).SequenceEqual("sealing"u8) ? SegmentState.Sealing
            : SegmentState.Sealed;
    }

    // Whole, but nothing for this program: it must be left alone.
    private static SqliteException NotOurs(string why) => new(raw.SQLITE_MISUSE, why);

    private static SqliteException Damaged(string why) => new(raw.SQLITE_CORRUPT, why);
}

/// <summary>Where a segment is on its way; the words stand in <c>segment_meta.state</c>.</summary>
internal enum SegmentState
{
    /// <summary>Without secondary indexes, answered by a hot index. The newest one is appended to.</summary>
    Hot,

    /// <summary>Its indexes are being built.</summary>
    Sealing,

    /// <summary>Indexed and read-only.</summary>
    Sealed,
}
