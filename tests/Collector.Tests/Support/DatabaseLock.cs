using Collector.Storage.Sqlite.Driver;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Collector.Tests.Support;

/// <summary>Another process's write lock on the hot segment, as a backup tool or a person at a prompt would hold it.</summary>
internal sealed class DatabaseLock : IDisposable
{
    private readonly SqliteConnection _connection;

    private DatabaseLock(SqliteConnection connection) => _connection = connection;

    public static async Task<DatabaseLock> TakeAsync(string folder)
    {
        var file = Directory.GetFiles(folder, "segment-*.db").Order(StringComparer.Ordinal).Last();
        var connection = Connections.OpenExistingWriter(file);
        connection.WaitForLocks(0);
        // It looks on: a WAL that outlives a kill stays as it is when this is the last to close the file.
        raw.sqlite3_db_config(connection.Handle, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, out _);
        var error = "";
        await Eventually.IsSoAsync(() => TryBegin(connection, out error), () => error);
        return new DatabaseLock(connection);
    }

    public void Dispose()
    {
        _connection.Execute(Sql.Rollback);
        _connection.Dispose();
    }

    private static bool TryBegin(SqliteConnection connection, out string error)
    {
        try
        {
            connection.Execute(Sql.BeginImmediate);
            error = "";
            return true;
        }
        catch (SqliteException e)
        {
            error = e.Message;
            return false;
        }
    }
}
