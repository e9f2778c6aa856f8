using SQLitePCL;

namespace Collector.Tests.Support;

/// <summary>Another process's write lock on the hot segment, as a backup tool or a person at a prompt would hold it.</summary>
internal sealed class DatabaseLock : IDisposable
{
    private readonly sqlite3 _connection;

    private DatabaseLock(sqlite3 connection) => _connection = connection;

    public static async Task<DatabaseLock> TakeAsync(string folder)
    {
        Batteries_V2.Init();
        var file = Directory.GetFiles(folder, "segment-*.db").Order(StringComparer.Ordinal).Last();
        raw.sqlite3_open_v2(file, out var connection, raw.SQLITE_OPEN_READWRITE, null).ShouldBe(raw.SQLITE_OK);
        await Eventually.IsSoAsync(
            () => raw.sqlite3_exec(connection, "BEGIN IMMEDIATE") == raw.SQLITE_OK,
            () => raw.sqlite3_errmsg(connection).utf8_to_string());
        return new DatabaseLock(connection);
    }

    public void Dispose()
    {
        raw.sqlite3_exec(_connection, "ROLLBACK");
        _connection.Dispose();
    }
}
