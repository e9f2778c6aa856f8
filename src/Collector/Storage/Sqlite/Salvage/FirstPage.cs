using System.Buffers.Binary;
using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Segments;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Sqlite.Salvage;

/// <summary>
/// Reads a file whose first page is broken, without which SQLite knows neither that it is a database nor its tables. All
/// segments begin with the same tables in the same order, so that the first page of a new one tells where they stand.
/// </summary>
internal static class FirstPage
{
    private const string CopySuffix = ".salvage-source";
    private const string NewSuffix = ".salvage-first";

    /// <summary>A connection to a copy that has another first page; null where that does not help.</summary>
    /// <exception cref="IOException">There is no room for a copy.</exception>
    public static SqliteConnection? TryOpen(string path, SegmentName name)
    {
        Clear(path);
        SqliteConnection? connection = null;
        try
        {
            WriteCopy(path, name);
            connection = SegmentFile.HasWal(path + CopySuffix) ? Connections.OpenReader(path + CopySuffix) : Connections.OpenImmutable(path + CopySuffix);
            using var meta = connection.Prepare(Sql.Get("read_meta"));
            if (meta.Read() && meta.Integer(1) == name.Number)
            {
                return connection;
            }
        }
        catch (SqliteException e) when (SqliteErrors.IsUnreadable(e.SqliteExtendedErrorCode))
        {
            // More is broken than that.
        }

        connection?.Dispose();
        return null;
    }

    /// <summary>Deletes the copy.</summary>
    /// <exception cref="IOException">It can't be.</exception>
    public static void Clear(string path)
    {
        foreach (var part in SegmentFile.Parts)
        {
            File.Delete(path + CopySuffix + part);
            File.Delete(path + NewSuffix + part);
        }
    }

    private static void WriteCopy(string path, SegmentName name)
    {
        var page = new byte[SegmentWriter.PageSize];
        using (var fresh = SegmentWriter.Create(path + NewSuffix, name, 0, StoreMemory.Empty))
        {
            fresh.CheckpointTruncate();
        }

        using (var first = File.OpenRead(path + NewSuffix))
        {
            first.ReadExactly(page);
        }

        // How large the file is, and which pages are free, is the other's: zero makes SQLite look at the file.
        page.AsSpan(28, 12).Clear();
        BinaryPrimitives.WriteUInt32BigEndian(page.AsSpan(24), 1);
        BinaryPrimitives.WriteUInt32BigEndian(page.AsSpan(92), 0);
        File.Copy(path, path + CopySuffix);
        if (SegmentFile.HasWal(path))
        {
            File.Copy(path + "-wal", path + CopySuffix + "-wal");
        }

        using var copy = new FileStream(path + CopySuffix, FileMode.Open, FileAccess.Write);
        copy.Write(page);
    }
}
