using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Collector.Storage.Sqlite.Driver;

/// <summary>What the operating system says of a file that SQLite "can't open".</summary>
internal static class SystemError
{
    /// <summary>SQLite's words, and the system's behind them where they say more. Does not throw.</summary>
    /// <param name="error">What SQLite said.</param>
    /// <param name="path">A file that this process has not open: to close it again would drop its locks. Null: none.</param>
    public static string Explain(SqliteException error, string? path)
    {
        if ((error.SqliteExtendedErrorCode & 0xFF) is not (raw.SQLITE_CANTOPEN or raw.SQLITE_IOERR or raw.SQLITE_PERM))
        {
            return error.Message;
        }

        return WhyNot("/dev/null") is { } handles ? $"{error.Message}: {handles} (the limit of open files, ulimit -n, is too low)"
            : path is not null && WhyNot(path) is { } why ? $"{error.Message}: {why}"
            : error.Message;
    }

    private static string? WhyNot(string path)
    {
        try
        {
            if (Directory.Exists(path))
            {
                return "it is a folder";
            }

            if (path != "/dev/null" || !OperatingSystem.IsWindows())
            {
                File.Open(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete).Dispose();
            }

            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }
}
