using Collector.Storage.Sqlite.Driver;

namespace Collector.Commands.Doctor;

/// <summary>The version of SQLite and what is known against it.</summary>
internal static class SqliteCheck
{
    public static IEnumerable<Finding> Run()
    {
        var version = SqliteLibrary.Version;
        var faults = SqliteLibrary.FaultsOf(version).ToArray();
        return faults.Length == 0
            ? [Finding.Ok("SQLite", $"{version}, no known fault that matters here")]
            : faults.Select(fault => Finding.Warn("SQLite", $"{version}: {fault}"));
    }
}
