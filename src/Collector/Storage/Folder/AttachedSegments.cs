using Collector.Storage.Sqlite.Driver;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Folder;

/// <summary>The few statements by which a connection of our own looks into the files of a store.</summary>
internal static class AttachedSegments
{
    /// <exception cref="SqliteException">It can't be opened.</exception>
    public static void Attach(this SqliteConnection connection, SegmentSource source, string name)
    {
        using var attach = connection.Prepare("ATTACH ?1 AS ?2");
        attach.Bind(1, source.Uri);
        attach.Bind(2, name);
        attach.Execute();
    }

    /// <exception cref="SqliteException">Something still reads from it.</exception>
    public static void Detach(this SqliteConnection connection, string name)
    {
        using var detach = connection.Prepare("DETACH ?1");
        detach.Bind(1, name);
        detach.Execute();
    }

    /// <summary>Runs a statement whose first two parameters are the bounds of a range.</summary>
    /// <exception cref="SqliteException">It failed.</exception>
    public static void Run(this SqliteConnection connection, string sql, TimeRange range)
    {
        using var statement = Prepared(connection, sql, range);
        statement.Execute();
    }

    /// <summary>The one number that a statement answers with.</summary>
    /// <exception cref="SqliteException">It failed.</exception>
    public static long Ask(this SqliteConnection connection, string sql, TimeRange range)
    {
        using var statement = Prepared(connection, sql, range);
        statement.ReadFirst();
        return statement.Integer(0);
    }

    private static SqliteStatement Prepared(SqliteConnection connection, string sql, TimeRange range)
    {
        var statement = connection.Prepare(sql);
        statement.BindTime(1, range.From);
        statement.BindTime(2, range.To);
        return statement;
    }
}
