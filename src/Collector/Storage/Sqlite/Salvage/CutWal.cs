using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Segments;

namespace Collector.Storage.Sqlite.Salvage;

/// <summary>
/// Looks, before a file that a kill left is first opened, whether SQLite's recovery would stop before the last committed frame
/// of its WAL. Then the WAL is set aside, and one without the bad frames takes its place: all that stands behind them is there
/// again, but for pages that only they held.
/// </summary>
internal sealed partial class CutWal(TimeProvider clock, ILogger log)
{
    private const string WalSuffix = "-wal";
    private const string RepairedSuffix = ".repaired";

    /// <summary>What was wrong, in English; null where nothing was.</summary>
    /// <exception cref="IOException">It can't be read, or the other can't be written.</exception>
    public string? Repair(string path)
    {
        var wal = path + WalSuffix;
        var repaired = wal + RepairedSuffix;
        if (File.Exists(repaired))
        {
            // A kill came between the two renames, or before them.
            EndRepair(wal, repaired);
        }

        if (WalFile.TryRead(wal, SegmentWriter.PageSize) is not { IsCut: true } cut)
        {
            return null;
        }

        cut.WriteRepaired(wal, repaired);
        var aside = AsideFile.NewPath(wal, clock.GetUtcNow());
        File.Move(wal, aside, overwrite: true);
        File.Move(repaired, wal);
        LogCut(log, wal, cut.BadFrames, cut.FramesBehind, aside);
        return $"{cut.BadFrames} frames of its WAL are damaged";
    }

    private static void EndRepair(string wal, string repaired)
    {
        if (File.Exists(wal))
        {
            File.Delete(repaired);
        }
        else
        {
            File.Move(repaired, wal);
        }
    }

    [LoggerMessage(LogLevel.Error, "{Wal} is damaged: {Bad} of its frames can't be read, behind which {Behind} committed ones stand. They are used without the bad ones; the WAL as it was is {Aside}")]
    private static partial void LogCut(ILogger log, string wal, long bad, long behind, string aside);
}
