using SQLitePCL;

namespace Collector.Storage.Sqlite.Driver;

/// <summary>The SQLite that this program runs with, and the faults of versions that matter to it.</summary>
internal static class SqliteLibrary
{
    public static string Version
    {
        get
        {
            Batteries_V2.Init();
            return raw.sqlite3_libversion().utf8_to_string();
        }
    }

    /// <summary>What is known of a version, a line each; empty where nothing is.</summary>
    public static IEnumerable<string> FaultsOf(string text)
    {
        if (!System.Version.TryParse(text, out var version))
        {
            yield return $"'{text}' is no version that anything is known of";
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
