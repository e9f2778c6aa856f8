using Collector.Storage.Sqlite.Driver;
using Collector.Tests.Storage.Sqlite;

namespace Collector.Tests.Support;

/// <summary>
/// A data folder whose sealed segment takes minutes to be asked for an outcome: that column is made one that is worked out for
/// each row that is looked at, in milliseconds each. Real questions, real statements, no need of many rows.
/// </summary>
internal static class SlowSegment
{
    /// <summary>What takes so long, and finds nothing.</summary>
    public const string Query = "/api/logs?outcome=late";

    private const int Rows = 20_000;

    // At each of 10,000 places 500 letters fit, and the next does not.
    private const string SlowOutcome =
        "CASE WHEN message || replace(hex(zeroblob(5000)), '0', 'a') LIKE '%' || replace(hex(zeroblob(250)), '0', 'a') || 'b' "
        + "THEN 'late' ELSE 'ok' END";

    /// <summary>Makes a folder with one such segment, ready to be opened; the store is closed.</summary>
    public static async Task<string> CreateFolderAsync()
    {
        var folder = CollectorProcess.NewFolder();
        using (var open = new OpenStore())
        {
            open.Append([.. Enumerable.Range(0, Rows).Select(static i => new SomeRow { Message = $"slow {i}", Worker = "slow" })]);
            open.Store.Appender.RollOver();
            await open.IsSealedAsync();
            open.Store.Dispose();
            foreach (var file in Directory.EnumerateFiles(open.Folder, "segment-*.db"))
            {
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            }
        }

        using var connection = Connections.OpenExistingWriter(Path.Combine(folder, "segment-000001.db"));
        connection.Execute("ALTER TABLE tail_logs RENAME COLUMN outcome TO stored_outcome");
        connection.Execute($"ALTER TABLE tail_logs ADD COLUMN outcome TEXT GENERATED ALWAYS AS ({SlowOutcome}) VIRTUAL");
        using var leave = connection.Prepare(Sql.Get("leave_wal"));
        leave.Step();
        return folder;
    }
}
