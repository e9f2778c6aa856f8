using System.Runtime.CompilerServices;
using SQLitePCL;

namespace Collector.Storage.Sqlite.Driver;

/// <summary>The SQLite that this program runs with, and the faults of versions that matter to it.</summary>
internal static class SqliteLibrary
{
    // Both can be said only while the library is shut down, so they come before the first connection. Without its
    // statistics of memory SQLite takes no global mutex for each allocation: measured 10 to 19 % of an append. Connections
    // are each used by one thread at a time, so that theirs are not needed either.
    static SqliteLibrary()
    {
        Batteries_V2.Init();
        raw.sqlite3_shutdown();
        raw.sqlite3_config(raw.SQLITE_CONFIG_MEMSTATUS, 0);
        raw.sqlite3_config(raw.SQLITE_CONFIG_MULTITHREAD);
        raw.sqlite3_initialize();
    }

    public static string Version => raw.sqlite3_libversion().utf8_to_string();

    /// <summary>Sets the library up, the first time; every connection comes after it.</summary>
    public static void Load() => RuntimeHelpers.RunClassConstructor(typeof(SqliteLibrary).TypeHandle);

    /// <summary>What is known of a version, a line each; empty where nothing is.</summary>
    public static IEnumerable<string> FaultsOf(string text)
    {
        if (!System.Version.TryParse(text, out var version))
        {
            yield return $"'{text}' is not a version that anything is known of";
            yield break;
        }

        // Fixed in 3.51.3, and in two branches that are maintained besides.
        if (version < new Version(3, 51, 3) && version != new Version(3, 50, 7) && version != new Version(3, 44, 6))
        {
            yield return "a commit during a checkpoint of another connection can corrupt the file "
                + "(the WAL-reset fault, fixed in 3.51.3); Collector writes and checkpoints through one connection, so let no other program write to its files";
        }

        if (version == new Version(3, 52, 0))
        {
            yield return "this release was withdrawn by its makers for incompatibilities";
        }
    }
}
