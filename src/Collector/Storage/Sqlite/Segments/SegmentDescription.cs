using Collector.Model;
using Collector.Storage.Sqlite.Driver;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Collector.Storage.Sqlite.Segments;

/// <summary>
/// What a segment's own tables say of it; zero where there is nothing. The last rowid of an unsealed one is also the number
/// of its rows, but where some were lost with a damaged file.
/// </summary>
internal readonly record struct SegmentDescription
{
    /// <summary>Version of the tables that this program writes, and the newest that it reads.</summary>
    public const int Format = 1;

    public bool IsSealed => Contents is not null;

    /// <summary>It has left its WAL: nothing will write to it again.</summary>
    public bool IsImmutable { get; init; }

    public ulong CreatedNanos { get; init; }

    public long LastRowid { get; init; }

    public long LastResourceId { get; init; }

    public (ulong First, ulong Last) Arrivals { get; init; }

    /// <summary>Null where it is not sealed.</summary>
    public SealedContents? Contents { get; init; }

    /// <exception cref="SqliteException">The file cannot be read, or is not the segment that its name says.</exception>
    public static SegmentDescription Read(SqliteConnection connection, SegmentName name)
    {
        var described = ReadMeta(connection, name);
        return described.IsSealed ? described : AddExtent(connection, described);
    }

    /// <summary>Completes what a sealed segment's meta row says, or will say.</summary>
    /// <exception cref="SqliteException">The file cannot be read.</exception>
    public static SealedContents ReadContents(SqliteConnection connection, long rows, ulong firstTimestamp, ulong lastTimestamp)
    {
        using var contents = connection.Prepare(Sql.Get("segment_contents"));
        contents.ReadFirst();
        return new SealedContents(
            rows, contents.Integer(3), firstTimestamp, lastTimestamp, contents.String(0), contents.String(1), contents.Integer(2) != 0);
    }

    private static SegmentDescription ReadMeta(SqliteConnection connection, SegmentName name)
    {
        using var meta = connection.Prepare(Sql.Get("read_meta"));
        if (!meta.Read())
        {
            throw Damaged("its meta row is missing");
        }

        if (meta.Integer(0) > Format)
        {
            throw NotOurs($"it has format {meta.Integer(0)}, written by a newer Collector");
        }

        if (meta.Integer(1) != name.Number)
        {
            throw NotOurs($"it is a copy of segment {meta.Integer(1)} under another number");
        }

        var isSealed = meta.Text(2).SequenceEqual("sealed"u8);
        return new SegmentDescription
        {
            IsImmutable = isSealed && HasLeftWal(connection),
            CreatedNanos = Timestamps.FromColumn(meta.Text(3)),
            LastRowid = meta.Integer(4),
            Contents = isSealed
                ? ReadContents(connection, meta.Integer(4), Timestamps.FromColumn(meta.Text(5)), Timestamps.FromColumn(meta.Text(6)))
                : null,
            Arrivals = (Timestamps.FromColumn(meta.Text(7)), Timestamps.FromColumn(meta.Text(8))),
        };
    }

    private static SegmentDescription AddExtent(SqliteConnection connection, in SegmentDescription described)
    {
        using var extent = connection.Prepare(Sql.Get("segment_extent"));
        extent.ReadFirst();
        return described with
        {
            LastRowid = extent.Integer(0),
            LastResourceId = extent.Integer(3),
            Arrivals = (Timestamps.FromColumn(extent.Text(1)), Timestamps.FromColumn(extent.Text(2))),
        };
    }

    private static bool HasLeftWal(SqliteConnection connection)
    {
        using var mode = connection.Prepare(Sql.Get("journal_mode"));
        mode.ReadFirst();
        return !mode.Text(0).SequenceEqual("wal"u8);
    }

    // Whole, but not for this program, which leaves it alone.
    private static SqliteException NotOurs(string why) => SqliteErrors.Of(raw.SQLITE_MISUSE, why);

    private static SqliteException Damaged(string why) => SqliteErrors.Of(raw.SQLITE_CORRUPT, why);
}

/// <summary>Where a segment is on its way; hot and sealed stand in <c>segment_meta.state</c>.</summary>
internal enum SegmentState
{
    /// <summary>Without secondary indexes, answered by a hot index. The newest one is appended to.</summary>
    Hot,

    /// <summary>Its indexes are being built.</summary>
    Sealing,

    /// <summary>Indexed and read-only.</summary>
    Sealed,
}
