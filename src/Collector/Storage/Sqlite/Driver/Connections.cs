using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Collector.Storage.Sqlite.Driver;

/// <summary>
/// Opens connections, each for one thread at a time, and never pooled: a pooled connection would write on into a file that
/// was deleted. All throw <see cref="SqliteException"/> where the file can't be had.
/// </summary>
internal static class Connections
{
    // Where another process recovers or closes the file, a moment's wait saves the query.
    private const int BusyMilliseconds = 2_000;

    /// <summary>The connection that creates and writes the file. Its lock waits are the caller's business.</summary>
    public static SqliteConnection OpenWriter(string path) => Open(path, SqliteOpenMode.ReadWriteCreate, Sql.Get("open_writer"));

    /// <summary>As <see cref="OpenWriter"/>, for a file that must exist.</summary>
    public static SqliteConnection OpenExistingWriter(string path) => Open(path, SqliteOpenMode.ReadWrite, Sql.Get("open_writer"));

    /// <summary>Creates, reads and writes the spool.</summary>
    public static SqliteConnection OpenSpool(string path) => Open(path, SqliteOpenMode.ReadWriteCreate, Sql.Get("open_spool"));

    /// <summary>Takes back what a crash cut short in a file without a WAL, which a reader may not.</summary>
    public static void RollBack(string path) => Open(path, SqliteOpenMode.ReadWrite, Sql.Get("roll_back")).Dispose();

    /// <summary>Reads a file that another connection may write meanwhile.</summary>
    public static SqliteConnection OpenReader(string path) =>
        Open(path, SqliteOpenMode.ReadOnly, Sql.Get("open_reader")).NeverCheckpointOnClose();

    /// <summary>Reads a file that nobody will write again: without locks, and without looks for changes or for a WAL.</summary>
    public static SqliteConnection OpenImmutable(string path) =>
        Open(UriOf(path, "immutable=1"), SqliteOpenMode.ReadOnly, Sql.Get("open_sealed_reader"));

    /// <summary>Holds nothing of its own; files are attached to it by URI.</summary>
    public static SqliteConnection OpenScratch() => Open("file::memory:", SqliteOpenMode.ReadWriteCreate, "").NeverCheckpointOnClose();

    /// <summary>Fills the file of an export; segments are attached to it by URI.</summary>
    public static SqliteConnection OpenExport(string path) =>
        Open(UriOf(path, "mode=rw"), SqliteOpenMode.ReadWrite, Sql.Get("open_export")).NeverCheckpointOnClose();

    /// <summary>The path as a URI with a parameter for SQLite.</summary>
    public static string UriOf(string path, string parameter)
    {
        // The three characters that end a path in a URI, or begin an escape in it.
        var escaped = Path.GetFullPath(path).Replace("%", "%25", StringComparison.Ordinal)
            .Replace("?", "%3f", StringComparison.Ordinal).Replace("#", "%23", StringComparison.Ordinal);
        return $"file:{escaped}?{parameter}";
    }

    // A source that begins with "file:" also makes SQLite take URIs in ATTACH.
    private static SqliteConnection Open(string source, SqliteOpenMode mode, string pragmas)
    {
        SqliteLibrary.Load();
        var settings = new SqliteConnectionStringBuilder { DataSource = source, Mode = mode, Pooling = false };
        var connection = new SqliteConnection(settings.ToString());
        try
        {
            connection.Open();
            raw.sqlite3_extended_result_codes(connection.Handle, 1);
            connection.WaitForLocks(BusyMilliseconds);
            connection.Execute(pragmas);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The WAL stays as it is when the connection is closed.</summary>
    public static SqliteConnection NeverCheckpointOnClose(this SqliteConnection connection)
    {
        raw.sqlite3_db_config(connection.Handle, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, out _);
        return connection;
    }
}
