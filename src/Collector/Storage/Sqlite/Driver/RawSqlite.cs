using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Collector.Storage.Sqlite.Driver;

/// <summary>
/// What runs on a connection's own handle: appends, queries and interruptions. A row that is appended so takes 3.7 to
/// 4.1 µs, by <see cref="SqliteCommand"/> 8.4 to 9.9, which moreover can't be cancelled while it runs.
/// </summary>
internal static class RawSqlite
{
    // Some tenths of a millisecond of work.
    private const int StepsBetweenLooks = 10_000;

    // SQLITE_DBSTATUS_CACHE_WRITE, for which SQLitePCL has no name.
    private const int DbStatusCacheWrite = 9;

    /// <exception cref="SqliteException">The text is not a statement that this file can run.</exception>
    public static SqliteStatement Prepare(this SqliteConnection connection, string sql)
    {
        var db = connection.Handle!;
        var code = raw.sqlite3_prepare_v3(db, sql, raw.SQLITE_PREPARE_PERSISTENT, out var statement);
        return code == raw.SQLITE_OK ? new SqliteStatement(db, statement) : throw SqliteErrors.Failure(db, code);
    }

    /// <summary>Prepares what a person wrote: one statement, which only reads and has columns.</summary>
    /// <exception cref="SqliteException">It is something else; the words are for its author.</exception>
    public static SqliteStatement PrepareOnly(this SqliteConnection connection, string sql)
    {
        var statement = PrepareFirst(connection, sql, out var rest)
            ?? throw SqliteErrors.Of(raw.SQLITE_MISUSE, "there is no statement in it");
        using var second = PrepareFirst(connection, rest, out _);
        if (second is null && statement.IsQuery)
        {
            return statement;
        }

        statement.Dispose();
        throw SqliteErrors.Of(raw.SQLITE_MISUSE, second is null
            ? "only a statement that reads is taken, such as SELECT, WITH or EXPLAIN"
            : "only one statement is taken");
    }

    /// <summary>Runs fixed text, which may hold several statements.</summary>
    /// <exception cref="SqliteException">One of them failed.</exception>
    public static void Execute(this SqliteConnection connection, string sql)
    {
        var code = raw.sqlite3_exec(connection.Handle, sql);
        if (code != raw.SQLITE_OK)
        {
            throw SqliteErrors.Failure(connection.Handle!, code);
        }
    }

    /// <summary>Runs the work in one transaction, which is taken back where the work throws.</summary>
    public static void InTransaction(this SqliteConnection connection, Action work)
    {
        connection.Execute(Sql.BeginImmediate);
        try
        {
            work();
            connection.Execute(Sql.Commit);
        }
        catch
        {
            if (connection.IsInTransaction())
            {
                connection.Execute(Sql.Rollback);
            }

            throw;
        }
    }

    /// <summary>
    /// Where SQLite sorts what does not fit into memory; it holds for the whole process. The one text that is put
    /// into a statement: a PRAGMA takes no parameters.
    /// </summary>
    public static void KeepTemporaryFilesIn(this SqliteConnection connection, string folder) =>
        connection.Execute($"PRAGMA temp_store_directory = '{folder.Replace("'", "''", StringComparison.Ordinal)}'");

    /// <summary>SQLite's own checkpoints behind a commit say nothing of a sync that failed: its user checkpoints itself.</summary>
    public static void NeverCheckpointByItself(this SqliteConnection connection) => raw.sqlite3_wal_autocheckpoint(connection.Handle, 0);

    /// <summary>Zero: a lock that another connection holds is an error at once.</summary>
    public static void WaitForLocks(this SqliteConnection connection, int milliseconds) =>
        raw.sqlite3_busy_timeout(connection.Handle, milliseconds);

    /// <summary>Whether the file has a table of this name.</summary>
    /// <exception cref="SqliteException">It can't be read.</exception>
    public static bool HasTable(this SqliteConnection connection, string name)
    {
        using var has = connection.Prepare(Sql.Get("has_table"));
        has.Bind(1, name);
        return has.Read();
    }

    public static bool IsInTransaction(this SqliteConnection connection) => raw.sqlite3_get_autocommit(connection.Handle) == 0;

    public static long LastRowid(this SqliteConnection connection) => raw.sqlite3_last_insert_rowid(connection.Handle);

    /// <summary>Stops what runs on this connection; the one member that any thread may call.</summary>
    public static void Interrupt(this SqliteConnection connection)
    {
        if (connection.Handle is { } db)
        {
            raw.sqlite3_interrupt(db);
        }
    }

    /// <summary>
    /// Makes statements of this connection end soon after the token is cancelled; null: watch none. SQLite forgets an
    /// <see cref="Interrupt"/> that comes just before a statement begins; this catches it.
    /// </summary>
    public static void StopWith(this SqliteConnection connection, CancellationToken? token)
    {
        if (token is { } watched)
        {
            raw.sqlite3_progress_handler(
                connection.Handle, StepsBetweenLooks, static t => ((CancellationToken)t).IsCancellationRequested ? 1 : 0, watched);
        }
        else
        {
            raw.sqlite3_progress_handler(connection.Handle, 0, null, null);
        }
    }

    /// <summary>Moves the whole WAL into the file and empties it; does what it can while others read.</summary>
    /// <exception cref="SqliteException">
    /// Writing or syncing the file failed. SQLite would try it again and succeed without the pages that the kernel has dropped,
    /// and then reuse the WAL that still has them: the file is to be given up.
    /// </exception>
    public static void CheckpointTruncate(this SqliteConnection connection) => Checkpoint(connection, raw.SQLITE_CHECKPOINT_TRUNCATE);

    /// <summary>Moves what it can of the WAL into the file, without waiting.</summary>
    /// <inheritdoc cref="CheckpointTruncate"/>
    public static void CheckpointPassive(this SqliteConnection connection) => Checkpoint(connection, raw.SQLITE_CHECKPOINT_PASSIVE);

    /// <summary>
    /// Frames of the WAL that were committed and synced; there may be more, of a commit that failed. Null where that can't be told.
    /// </summary>
    public static long? FramesInWal(this SqliteConnection connection) =>
        raw.sqlite3_wal_checkpoint_v2(connection.Handle, "main", NoCheckpoint, out var frames, out _) == raw.SQLITE_OK && frames >= 0 ? frames : null;

    /// <summary>Pages that this connection has written to its WAL since the last call.</summary>
    public static int TakePagesWritten(this SqliteConnection connection)
    {
        raw.sqlite3_db_status(connection.Handle, DbStatusCacheWrite, out var pages, out _, 1);
        return pages;
    }

    // SQLITE_CHECKPOINT_NOOP, which only counts.
    private const int NoCheckpoint = -1;

    private static void Checkpoint(SqliteConnection connection, int mode)
    {
        var code = raw.sqlite3_wal_checkpoint_v2(connection.Handle, "main", mode, out _, out _);
        if ((code & 0xFF) == raw.SQLITE_IOERR)
        {
            throw SqliteErrors.Failure(connection.Handle!, code);
        }
    }

    // Null where the text holds only white space and comments.
    private static SqliteStatement? PrepareFirst(SqliteConnection connection, string sql, out string rest)
    {
        var db = connection.Handle!;
        var code = raw.sqlite3_prepare_v2(db, sql, out var statement, out rest);
        if (code != raw.SQLITE_OK)
        {
            throw SqliteErrors.Failure(db, code);
        }

        return statement.IsInvalid ? null : new SqliteStatement(db, statement);
    }
}
