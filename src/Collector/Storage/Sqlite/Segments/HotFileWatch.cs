using Collector.Storage.Sqlite.Driver;

namespace Collector.Storage.Sqlite.Segments;

/// <summary>
/// Notices that the hot file, its WAL or the WAL's index was removed, renamed or replaced under the writer: SQLite goes on
/// writing to files that have no name any more, and what is committed there is gone with the process.
/// </summary>
internal sealed class HotFileWatch(string path)
{
    private static readonly string[] _parts = ["", "-wal", "-shm"];

    private readonly FileIdentity?[] _seen = [.. _parts.Select(part => FileIdentity.Of(path + part))];

    /// <summary>What happened, in English; null where all is as it was.</summary>
    public string? Look()
    {
        for (var i = 0; i < _parts.Length; i++)
        {
            var now = FileIdentity.Of(path + _parts[i]);
            // The companions come with the first read or write.
            _seen[i] ??= now;
            if (now != _seen[i])
            {
                return $"{path}{_parts[i]} was {(now is null ? "removed or renamed" : "replaced")} by another program";
            }
        }

        return null;
    }
}
