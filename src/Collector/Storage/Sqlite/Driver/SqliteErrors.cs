using SQLitePCL;

namespace Collector.Storage.Sqlite.Driver;

/// <summary>What SQLite said: an extended result code and its words.</summary>
internal sealed class SqliteException(int code, string message) : Exception(message)
{
    /// <summary>Extended result code; the low byte is the primary one.</summary>
    public int Code { get; } = code;
}

/// <summary>The one place that says what a result code means to the caller of the store.</summary>
internal static class SqliteErrors
{
    // Extended codes that SQLitePCL has no name for.
    private const int ReadOnlyDbMoved = raw.SQLITE_READONLY | (4 << 8);
    private const int IoErrData = raw.SQLITE_IOERR | (32 << 8);
    private const int IoErrCorruptFs = raw.SQLITE_IOERR | (33 << 8);

    public static AppendStatus Classify(int extendedCode) => extendedCode switch
    {
        raw.SQLITE_OK or raw.SQLITE_DONE or raw.SQLITE_ROW => AppendStatus.Committed,

        // The file was deleted or replaced under us: what is committed now is lost with the last handle.
        ReadOnlyDbMoved => AppendStatus.Fatal,
        // The disk gave back something else than was written.
        IoErrData or IoErrCorruptFs => AppendStatus.Fatal,

        _ => ClassifyPrimary(extendedCode & 0xFF),
    };

    /// <summary>The file itself is broken, so that trying again on it can't help.</summary>
    public static bool IsDamage(int extendedCode) => (extendedCode & 0xFF) is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB;

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
