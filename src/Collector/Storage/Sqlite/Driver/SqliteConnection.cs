using Collector.Storage.Sqlite.Segments;
using SQLitePCL;

namespace Collector.Storage.Sqlite.Driver;

/// <summary>
/// One connection, used by one thread at a time (SQLite's own mutexes are off). Opening and preparing throw
/// <see cref="SqliteException"/>; what runs afterwards gives result codes.
/// </summary>
internal sealed class SqliteConnection : IDisposable
{
    private const int OneThreadAtATime = raw.SQLITE_OPEN_NOMUTEX;

    // Where a file is being recovered or closed by somebody else, a moment's wait saves the question.
    private const int ReaderBusyMilliseconds = 2_000;

    // Some tenths of a millisecond of work.
    private const int StepsBetweenLooks = 10_000;

    private readonly sqlite3 _handle;

    // Without its statistics of memory SQLite takes no global mutex for each allocation: measured 10 to 19 % of an
    // append. That can be said only while the library is shut down, so it comes before the first connection.
    static SqliteConnection()
    {
        Batteries_V2.Init();
        raw.sqlite3_shutdown();
        raw.sqlite3_config(raw.SQLITE_CONFIG_MEMSTATUS, 0);
        raw.sqlite3_initialize();
    }

    private SqliteConnection(sqlite3 handle) => _handle = handle;

    /// <summary>The connection that creates and writes the file. Its lock waits are the caller's business.</summary>
    public static SqliteConnection OpenWriter(string path)
    {
        var connection = Open(path, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE);
        return connection.SetUp(ReaderBusyMilliseconds, Sql.OpenWriter);
    }

    /// <summary>As <see cref="OpenWriter"/>, for a file that must be there.</summary>
    public static SqliteConnection OpenExistingWriter(string path) =>
        Open(path, raw.SQLITE_OPEN_READWRITE).SetUp(ReaderBusyMilliseconds, Sql.OpenWriter);

    /// <summary>Takes back what a crash cut short in a file without a WAL, which a reader may not.</summary>
    public static void RollBack(string path)
    {
        using var connection = Open(path, raw.SQLITE_OPEN_READWRITE).SetUp(ReaderBusyMilliseconds, Sql.RollBack);
    }

    public static SqliteConnection OpenReader(string path)
    {
        var connection = Open(path, raw.SQLITE_OPEN_READONLY);
        connection.NeverCheckpointOnClose();
        return connection.SetUp(ReaderBusyMilliseconds, Sql.OpenReader);
    }

    /// <summary>
    /// Opens a file that nobody will ever write again: without locks, and without looks for changes or for a WAL.
    /// </summary>
    public static SqliteConnection OpenImmutable(string path)
    {
        var connection = Open(SegmentFile.UriOf(path, "immutable=1"), raw.SQLITE_OPEN_READONLY | raw.SQLITE_OPEN_URI);
        return connection.SetUp(ReaderBusyMilliseconds, Sql.OpenSealedReader);
    }

    /// <summary>Holds nothing of its own: what is attached to it must be there, and is attached by URI.</summary>
    public static SqliteConnection OpenScratch()
    {
        var connection = Open(":memory:", raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_URI);
        connection.NeverCheckpointOnClose();
        connection.WaitForLocks(ReaderBusyMilliseconds);
        return connection;
    }

    /// <summary>The connection that fills a file of an export; segments are attached to it by URI.</summary>
    public static SqliteConnection OpenExport(string path)
    {
        var connection = Open(path, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_URI);
        connection.NeverCheckpointOnClose();
        return connection.SetUp(ReaderBusyMilliseconds, Sql.OpenExport);
    }

    /// <summary>Prepares what a person wrote: one statement, which only reads and has columns.</summary>
    /// <exception cref="SqliteException">It is something else; the words are for its author.</exception>
    public SqliteStatement PrepareOnly(string sql)
    {
        var statement = PrepareFirst(sql, out var rest);
        if (statement is null)
        {
            throw new SqliteException(raw.SQLITE_MISUSE, "there is no statement in it");
        }

        using var second = PrepareFirst(rest, out _);
        if (second is null && statement.IsQuery)
        {
            return statement;
        }

        statement.Dispose();
        throw new SqliteException(raw.SQLITE_MISUSE, second is null
            ? "only a statement that reads is taken, such as SELECT, WITH or EXPLAIN"
            : "only one statement is taken");
    }

    public SqliteStatement Prepare(string sql)
    {
        var code = raw.sqlite3_prepare_v3(_handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out var statement);
        return code == raw.SQLITE_OK ? new SqliteStatement(statement) : throw Failure(code);
    }

    /// <summary>Runs fixed text, which may hold several statements.</summary>
    /// <exception cref="SqliteException">One of them failed.</exception>
    public void Execute(string sql)
    {
        var code = raw.sqlite3_exec(_handle, sql);
        if (code != raw.SQLITE_OK)
        {
            throw Failure(code);
        }
    }

    /// <summary>
    /// Where SQLite sorts what does not fit into memory; it holds for the whole process. The one text that is put
    /// into a statement: a PRAGMA takes no parameters.
    /// </summary>
    public void KeepTemporaryFilesIn(string folder) =>
        Execute($"PRAGMA temp_store_directory = '{folder.Replace("'", "''", StringComparison.Ordinal)}'");

    /// <summary>Moves the WAL into the file whenever it has so many pages; open_writer.sql has the usual number.</summary>
    public void CheckpointAfter(int pages) => raw.sqlite3_wal_autocheckpoint(_handle, pages);

    /// <summary>Zero: a lock that somebody else holds is an answer at once.</summary>
    public void WaitForLocks(int milliseconds) => raw.sqlite3_busy_timeout(_handle, milliseconds);

    /// <summary>Whether the file has a table of this name.</summary>
    /// <exception cref="SqliteException">It can't be read.</exception>
    public bool HasTable(string name)
    {
        using var has = Prepare(Sql.HasTable);
        has.Bind(1, name);
        return has.Step() switch
        {
            raw.SQLITE_ROW => true,
            raw.SQLITE_DONE => false,
            var code => throw Failure(code),
        };
    }

    public bool InTransaction => raw.sqlite3_get_autocommit(_handle) == 0;

    public long LastRowid => raw.sqlite3_last_insert_rowid(_handle);

    /// <summary>The extended code and the words behind the last result code.</summary>
    public SqliteException Failure(int code)
    {
        var extended = raw.sqlite3_extended_errcode(_handle);
        if ((extended & 0xFF) != (code & 0xFF))
        {
            // The connection's own word is of another call (a statement that was misused, say).
            return new SqliteException(code, $"{raw.sqlite3_errstr(code).utf8_to_string()} (SQLite {code})");
        }

        return new SqliteException(extended, $"{raw.sqlite3_errmsg(_handle).utf8_to_string()} (SQLite {extended})");
    }

    /// <summary>Stops what runs on this connection; the one member that any thread may call.</summary>
    public void Interrupt() => raw.sqlite3_interrupt(_handle);

    /// <summary>
    /// Lets statements of this connection end soon after the token is cancelled; null: no more. Beside
    /// <see cref="Interrupt"/>, which is forgotten where it comes just before a statement begins.
    /// </summary>
    public void StopWith(CancellationToken? token)
    {
        if (token is { } watched)
        {
            raw.sqlite3_progress_handler(_handle, StepsBetweenLooks, static t => ((CancellationToken)t).IsCancellationRequested ? 1 : 0, watched);
        }
        else
        {
            raw.sqlite3_progress_handler(_handle, 0, null, null);
        }
    }

    /// <summary>Moves the whole WAL into the file and empties it; does what it can where somebody reads.</summary>
    public void CheckpointTruncate() =>
        raw.sqlite3_wal_checkpoint_v2(_handle, "main", raw.SQLITE_CHECKPOINT_TRUNCATE, out _, out _);

    /// <summary>Moves what it can of the WAL into the file, without waiting for anybody.</summary>
    public void CheckpointPassive() =>
        raw.sqlite3_wal_checkpoint_v2(_handle, "main", raw.SQLITE_CHECKPOINT_PASSIVE, out _, out _);

    public void Dispose() => _handle.Dispose();

    private static SqliteConnection Open(string path, int flags)
    {
        var code = raw.sqlite3_open_v2(path, out var handle, flags | OneThreadAtATime, null);
        var connection = new SqliteConnection(handle);
        if (code == raw.SQLITE_OK)
        {
            raw.sqlite3_extended_result_codes(handle, 1);
            return connection;
        }

        var failure = connection.Failure(code);
        connection.Dispose();
        throw failure;
    }

    // Null where the text holds only white space and comments.
    private SqliteStatement? PrepareFirst(string sql, out string rest)
    {
        var code = raw.sqlite3_prepare_v2(_handle, sql, out var statement, out rest);
        if (code != raw.SQLITE_OK)
        {
            throw Failure(code);
        }

        return statement.IsInvalid ? null : new SqliteStatement(statement);
    }

    private SqliteConnection SetUp(int busyMilliseconds, string pragmas)
    {
        try
        {
            WaitForLocks(busyMilliseconds);
            Execute(pragmas);
            return this;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private void NeverCheckpointOnClose() =>
        raw.sqlite3_db_config(_handle, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, out _);
}
