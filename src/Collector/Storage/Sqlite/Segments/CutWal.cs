using Collector.Storage.Sqlite.Driver;

namespace Collector.Storage.Sqlite.Segments;

/// <summary>
/// Looks, before a file that a kill left is first opened, whether SQLite's recovery would stop before the last committed frame
/// of its WAL. Then the WAL is set aside, and one without the bad frames takes its place: all that stands behind them is there
/// again, but for pages that only they held. Where the end itself is gone, the WAL's index still tells that there was one.
/// </summary>
/// <param name="placeFor">Where a WAL goes that is set aside.</param>
/// <param name="log">Says what was found.</param>
internal sealed partial class CutWal(Func<string, string> placeFor, ILogger log)
{
    private const string WalSuffix = "-wal";
    private const string IndexSuffix = "-shm";
    private const string RepairedSuffix = ".repaired";

    /// <summary>What was wrong; null where nothing was.</summary>
    /// <param name="path">Of the file that the WAL belongs to.</param>
    /// <param name="pageSize">Counts where the WAL's own header can't be read.</param>
    /// <exception cref="IOException">It can't be read, or the other can't be written.</exception>
    public WalDamage? Repair(string path, int pageSize)
    {
        var wal = path + WalSuffix;
        var repaired = wal + RepairedSuffix;
        if (File.Exists(repaired))
        {
            // A kill came between the two renames, or before them.
            EndRepair(wal, repaired);
        }

        var found = WalFile.TryRead(wal, pageSize);
        var lost = LostFrames(found, WalIndex.TryRead(path + IndexSuffix));
        var written = WrittenAt(wal, path + IndexSuffix);
        if (lost > 0)
        {
            LogEndLost(log, wal, lost);
        }

        if (found is { IsCut: true })
        {
            found.WriteRepaired(wal, repaired);
            var aside = placeFor(wal);
            File.Move(wal, aside, overwrite: true);
            File.Move(repaired, wal);
            LogCut(log, wal, found.BadFrames, found.FramesBehind, aside);
        }

        var error = found is { IsCut: true } ? $"{found.BadFrames} frames of its WAL are damaged" : null;
        return lost > 0 || error is not null ? new WalDamage(error, lost, written) : null;
    }

    // Another log's index says nothing of this one. What has come into the file is not missed.
    private static long LostFrames(WalFile? wal, WalIndex? known) =>
        known is { } index && (wal is null || wal.Salt == index.Salt)
            ? Math.Max(0, index.Frames - Math.Max(wal?.Committed ?? 0, index.Copied))
            : 0;

    // By the file system; one that is not there was written long ago.
    private static DateTimeOffset WrittenAt(params IEnumerable<string> files) =>
        files.Max(static file => new DateTimeOffset(File.GetLastWriteTimeUtc(file), TimeSpan.Zero));

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

    [LoggerMessage(LogLevel.Error, "{Wal} is damaged: its last {Lost} committed frames are gone, and what they held with them; how much that was is not known")]
    private static partial void LogEndLost(ILogger log, string wal, long lost);
}

/// <summary>What was wrong with a WAL.</summary>
/// <param name="Error">Of frames that can't be read while committed ones behind them can, in English; null where none is.</param>
/// <param name="LostFrames">That were committed at its end and are gone.</param>
/// <param name="WrittenAt">When it was last written to, by the file system.</param>
internal sealed record WalDamage(string? Error, long LostFrames, DateTimeOffset WrittenAt);
