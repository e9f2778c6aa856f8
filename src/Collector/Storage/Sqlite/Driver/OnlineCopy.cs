using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Collector.Storage.Sqlite.Driver;

/// <summary>
/// SQLite's backup: all of a database, as it was at one moment, into another one, page by page, so that rowids stay
/// (VACUUM INTO would number the rows of <c>tail_logs</c> anew). The moment is held by a read transaction: a writer goes on,
/// its WAL grows meanwhile, and nothing begins again because of what it writes.
/// </summary>
internal static class OnlineCopy
{
    // 8 MiB of a segment, between two looks at the token.
    private const int PagesAStep = 1_024;

    /// <summary>Copies; the source is in a transaction of that moment afterwards, which its disposal ends.</summary>
    /// <exception cref="SqliteException">One of the two can't be read or written.</exception>
    /// <exception cref="OperationCanceledException">The target holds a part, and is of no use.</exception>
    public static void CopyTo(this SqliteConnection source, SqliteConnection target, CancellationToken cancellation)
    {
        source.Execute(Sql.Begin);
        source.Execute(Sql.Get("begin_snapshot"));
        using var copy = raw.sqlite3_backup_init(target.Handle, "main", source.Handle, "main");
        if (copy.IsInvalid)
        {
            throw SqliteErrors.Failure(target.Handle!, raw.sqlite3_errcode(target.Handle));
        }

        int code;
        do
        {
            cancellation.ThrowIfCancellationRequested();
            code = raw.sqlite3_backup_step(copy, PagesAStep);
        }
        while (code == raw.SQLITE_OK);
        if (code != raw.SQLITE_DONE)
        {
            throw SqliteErrors.Of(code, $"{raw.sqlite3_errstr(code).utf8_to_string()} (SQLite {code})");
        }
    }
}
