using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Collector.Storage.Sqlite.Driver;

/// <summary>The one place that says what a result code means to the caller of the store.</summary>
internal static class SqliteErrors
{
    // Extended codes that SQLitePCL has no name for.
    private const int ReadOnlyDbMoved = raw.SQLITE_READONLY | (4 << 8);
    private const int IoErrData = raw.SQLITE_IOERR | (32 << 8);
    private const int IoErrCorruptFs = raw.SQLITE_IOERR | (33 << 8);
    private const int IoErrFsync = raw.SQLITE_IOERR | (4 << 8);
    private const int IoErrDirFsync = raw.SQLITE_IOERR | (5 << 8);

    public static AppendStatus Classify(int extendedCode) => extendedCode switch
    {
        raw.SQLITE_OK or raw.SQLITE_DONE or raw.SQLITE_ROW => AppendStatus.Committed,

        // The file was deleted or replaced under us: what is committed now is lost with the last handle.
        ReadOnlyDbMoved => AppendStatus.Fatal,
        // The disk gave back something else than was written.
        IoErrData or IoErrCorruptFs => AppendStatus.Fatal,
        // The kernel tells once that it could not write, and drops the pages: the next sync of this file would succeed.
        IoErrFsync or IoErrDirFsync => AppendStatus.Fatal,

        _ => ClassifyPrimary(extendedCode & 0xFF),
    };

    /// <summary>The extended code and the words behind a connection's last result code.</summary>
    public static SqliteException Failure(sqlite3 db, int code)
    {
        var extended = raw.sqlite3_extended_errcode(db);
        // The connection's own words may be of another call, such as one before a statement that was misused.
        return (extended & 0xFF) == (code & 0xFF)
            ? Of(extended, $"{raw.sqlite3_errmsg(db).utf8_to_string()} (SQLite {extended})")
            : Of(code, $"{raw.sqlite3_errstr(code).utf8_to_string()} (SQLite {code})");
    }

    /// <param name="extendedCode">SQLite's, or one of our own.</param>
    /// <param name="message">English.</param>
    public static SqliteException Of(int extendedCode, string message) => new(message, extendedCode & 0xFF, extendedCode);

    /// <summary>What was read is not what was written, though SQLite, which sums only its WAL, took it.</summary>
    public static SqliteException Damage(string what) => Of(raw.SQLITE_CORRUPT, what);

    /// <summary>The file itself is broken, so that trying again on it can't help.</summary>
    public static bool IsDamage(int extendedCode) => (extendedCode & 0xFF) is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB;

    /// <summary>The file is broken, or what was written to it did not come to the disk: it is to be given up.</summary>
    public static bool IsLost(int extendedCode) => IsDamage(extendedCode) || extendedCode is IoErrFsync or IoErrDirFsync;

    /// <summary>
    /// A part of the file can't be read, or all of it: broken, gone, or of another shape than its statement. Not what is
    /// busy, interrupted or short of memory, which the next try may read.
    /// </summary>
    public static bool IsUnreadable(int extendedCode) => (extendedCode & 0xFF) switch
    {
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB or raw.SQLITE_FORMAT or raw.SQLITE_CANTOPEN or raw.SQLITE_ERROR => true,
        raw.SQLITE_IOERR => !IsLockOrMemory(extendedCode >> 8),
        _ => false,
    };

    /// <summary>The file has no name any more, or another one.</summary>
    public static bool IsMoved(int extendedCode) => extendedCode == ReadOnlyDbMoved;

    /// <summary>Another holds a lock, or memory is short: the next try may read it.</summary>
    public static bool IsPassing(int extendedCode) => (extendedCode & 0xFF) switch
    {
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_PROTOCOL or raw.SQLITE_INTERRUPT or raw.SQLITE_NOMEM => true,
        raw.SQLITE_IOERR => IsLockOrMemory(extendedCode >> 8),
        _ => false,
    };

    /// <summary>In a word, as gaps and metrics say it.</summary>
    public static string ReasonOf(int extendedCode, bool isThere) => (extendedCode & 0xFF) switch
    {
        raw.SQLITE_IOERR => "io_error",
        raw.SQLITE_CANTOPEN => isThere ? "not_opened" : "missing",
        _ => "damaged",
    };

    // SQLITE_IOERR_UNLOCK, RDLOCK, BLOCKED, NOMEM, CHECKRESERVEDLOCK, LOCK, SHMOPEN to SHMLOCK, by their second byte.
    private static bool IsLockOrMemory(int detail) => detail is 8 or 9 or 11 or 12 or 14 or 15 or 18 or 19 or 20 or 21;

    /// <summary>Another connection has it: that passes, and is no want of room.</summary>
    public static bool IsLock(int extendedCode) => (extendedCode & 0xFF) is raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_PROTOCOL;

    private static AppendStatus ClassifyPrimary(int code) => code switch
    {
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_PROTOCOL => AppendStatus.Transient,
        raw.SQLITE_FULL or raw.SQLITE_NOMEM or raw.SQLITE_IOERR => AppendStatus.Transient,
        raw.SQLITE_CANTOPEN or raw.SQLITE_READONLY or raw.SQLITE_PERM => AppendStatus.Transient,
        raw.SQLITE_INTERRUPT or raw.SQLITE_ABORT => AppendStatus.Transient,

        raw.SQLITE_CONSTRAINT or raw.SQLITE_TOOBIG => AppendStatus.Permanent,
        raw.SQLITE_MISMATCH or raw.SQLITE_RANGE => AppendStatus.Permanent,

        // CORRUPT and NOTADB, and whatever cannot come from a row: a missing table, misuse, an unknown code.
        _ => AppendStatus.Fatal,
    };
}
