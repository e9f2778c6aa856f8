using Collector.Model;
using Collector.Storage.Sqlite.Driver;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Sqlite.Segments;

/// <summary>
/// What a segment's own tables say of it; zero where there is nothing. The last rowid of an unsealed one is also the number
/// of its rows, but where some were lost with a damaged file.
/// </summary>
internal readonly record struct SegmentDescription
{
    /// <summary>
    /// Version of the tables that this program writes, and the newest that it reads; it rises with every change of them. Files
    /// of earlier ones are read, and not appended to. 1: until 0.1. 2: files say whose they are (application_id).
    /// </summary>
    public const int Format = 2;

    /// <summary>As application_id.sql sets it; files of format 1 have none.</summary>
    private const int ApplicationId = 1_131_375_724;

    /// <summary>The version that it was written by.</summary>
    public long WrittenFormat { get; init; }

    /// <summary>What it lacks of this version's tables; null where nothing.</summary>
    public SegmentShape? Partial { get; init; }

    public bool IsSealed => Contents is not null;

    /// <summary>It is not in a WAL: nothing writes to it.</summary>
    public bool IsImmutable { get; init; }

    public ulong CreatedNanos { get; init; }

    public long LastRowid { get; init; }

    public long LastResourceId { get; init; }

    public (ulong First, ulong Last) Arrivals { get; init; }

    /// <summary>Null where it is not sealed.</summary>
    public SealedContents? Contents { get; init; }

    /// <summary>By a connection that only reads from here on.</summary>
    /// <exception cref="SegmentFaultException">It is not the segment that its name says.</exception>
    /// <exception cref="SqliteException">The file cannot be read.</exception>
    public static SegmentDescription Read(SqliteConnection connection, SegmentName name)
    {
        if (ApplicationIdOf(connection) is not 0 and not ApplicationId and var id)
        {
            throw new SegmentFaultException(SegmentFault.Foreign, $"it is another program's SQLite file (application_id {id})");
        }

        var shape = SegmentShape.Read(connection);
        CheckTables(shape);
        shape.AddViews(connection);
        var described = ReadMeta(connection, name);
        described = described.IsSealed ? described : AddExtent(connection, described);
        return described with { Partial = shape.IsComplete(described.IsSealed) ? null : shape };
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

    private static void CheckTables(SegmentShape shape)
    {
        if (shape.IsEmpty)
        {
            throw CutShort();
        }

        if (!shape.HasTable("segment_meta") && !shape.HasTable("tail_logs"))
        {
            throw new SegmentFaultException(SegmentFault.Foreign, "it is another program's SQLite file");
        }
    }

    private static SegmentDescription ReadMeta(SqliteConnection connection, SegmentName name)
    {
        using var meta = connection.Prepare(Sql.Get("read_meta"));
        if (!meta.Read())
        {
            throw IsBegun(connection) ? new SegmentFaultException(SegmentFault.Damaged, "its meta row is missing") : CutShort();
        }

        var times = (First: Timestamps.FromColumn(meta.Text(5)), Last: Timestamps.FromColumn(meta.Text(6)));
        if (meta.Integer(0) > Format)
        {
            throw new SegmentFaultException(
                SegmentFault.NewerFormat, $"it was written by a newer Collector (format {meta.Integer(0)})", times.First > 0 ? times : null);
        }

        if (meta.Integer(1) != name.Number)
        {
            throw new SegmentFaultException(SegmentFault.Copy, $"it is a copy of segment {meta.Integer(1)} under another number");
        }

        var isSealed = meta.Text(2).SequenceEqual("sealed"u8);
        return new SegmentDescription
        {
            WrittenFormat = meta.Integer(0),
            IsImmutable = isSealed && HasLeftWal(connection),
            CreatedNanos = Timestamps.FromColumn(meta.Text(3)),
            LastRowid = meta.Integer(4),
            Contents = isSealed ? ReadContents(connection, meta.Integer(4), times.First, times.Last) : null,
            Arrivals = (Timestamps.FromColumn(meta.Text(7)), Timestamps.FromColumn(meta.Text(8))),
        };
    }

    private static bool IsBegun(SqliteConnection connection)
    {
        using var rows = connection.Prepare(Sql.Get("is_begun"));
        rows.ReadFirst();
        return rows.Integer(0) != 0;
    }

    private static long ApplicationIdOf(SqliteConnection connection)
    {
        using var id = connection.Prepare(Sql.Get("read_application_id"));
        id.ReadFirst();
        return id.Integer(0);
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

    private static SegmentFaultException CutShort() => new(SegmentFault.CutShort, "its creation was cut short");
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
