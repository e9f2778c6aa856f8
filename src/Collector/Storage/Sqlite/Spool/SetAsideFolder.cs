using System.Globalization;
using Collector.Storage.Sqlite.Segments;

namespace Collector.Storage.Sqlite.Spool;

/// <summary>
/// Keeps what nobody can use where a person can look at it: the folder <c>rejected</c> below the spool's, each under a name
/// with the time. It counts in the spool's bytes, and leaves when it is older than any row. Does not throw.
/// </summary>
internal sealed partial class SetAsideFolder(string spool, TimeSpan maxAge, TimeProvider clock, ILogger log)
{
    private readonly string _folder = Path.Combine(spool, "rejected");
    private int _count;

    /// <summary>Requests and files set aside, since the start.</summary>
    public int Count => Volatile.Read(ref _count);

    public void Keep(long position, ReadOnlySpan<byte> bytes, string reason)
    {
        Interlocked.Increment(ref _count);
        LogRequest(log, position, reason);
        try
        {
            FileSync.Default.CreateFolder(_folder);
            var name = NameOf($"entry-{position}");
            File.WriteAllBytes(name + ".entry", bytes);
            File.WriteAllText(name + ".reason.txt", reason + "\n");
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            LogNotKept(log, position, failed);
        }
    }

    /// <summary>Where a file goes that somebody else moves.</summary>
    /// <exception cref="IOException">The folder can't be made.</exception>
    public string PlaceFor(string path)
    {
        FileSync.Default.CreateFolder(_folder);
        Interlocked.Increment(ref _count);
        return NameOf(Path.GetFileName(path));
    }

    /// <summary>Moves files that belong together; false where one of them can't be moved.</summary>
    public bool TryTake(IReadOnlyList<string> paths, string reason)
    {
        Interlocked.Increment(ref _count);
        LogFile(log, paths[0], reason);
        try
        {
            FileSync.Default.CreateFolder(_folder);
            foreach (var path in paths)
            {
                if (Path.Exists(path))
                {
                    Directory.Move(path, NameOf(Path.GetFileName(path)));
                }
            }

            FileSync.Default.SyncFolder(spool);
            return true;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            LogNotMoved(log, paths[0], failed);
            return false;
        }
    }

    /// <summary>Deletes the oldest until so many bytes are left: what waits for the store needs the room more.</summary>
    public void ShrinkTo(long bytes)
    {
        try
        {
            var files = new DirectoryInfo(_folder).EnumerateFiles().OrderByDescending(static file => file.Name).ToArray();
            var kept = 0L;
            foreach (var file in files)
            {
                kept += file.Length;
                if (kept > bytes)
                {
                    file.Delete();
                }
            }
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            LogNotExpired(log, _folder, failed);
        }
    }

    /// <summary>Bytes of everything in it.</summary>
    public long Bytes
    {
        get
        {
            try
            {
                return Directory.Exists(_folder) ? SegmentFile.SizeOfAll(_folder) : 0;
            }
            catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
            {
                return 0;
            }
        }
    }

    /// <summary>Deletes what was set aside longer ago than any row is kept.</summary>
    public void Expire()
    {
        try
        {
            if (!Directory.Exists(_folder))
            {
                return;
            }

            var oldest = clock.GetUtcNow().UtcDateTime - maxAge;
            foreach (var file in new DirectoryInfo(_folder).EnumerateFiles().Where(file => file.LastWriteTimeUtc < oldest))
            {
                file.Delete();
            }
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            LogNotExpired(log, _folder, failed);
        }
    }

    // Two incidents must not overwrite each other's files.
    private string NameOf(string what)
    {
        var time = clock.GetUtcNow().ToString("yyyyMMdd'T'HHmmss.fff'Z'", CultureInfo.InvariantCulture);
        var name = Path.Combine(_folder, $"{time}-{what}");
        for (var again = 2; Path.Exists(name) || Path.Exists(name + ".entry"); again++)
        {
            name = Path.Combine(_folder, $"{time}-{again}-{what}");
        }

        return name;
    }

    [LoggerMessage(LogLevel.Error, "The request at {Position} of the spool is set aside in spool/rejected: {Reason}")]
    private static partial void LogRequest(ILogger log, long position, string reason);

    [LoggerMessage(LogLevel.Error, "{Path} is set aside in spool/rejected: {Reason}")]
    private static partial void LogFile(ILogger log, string path, string reason);

    [LoggerMessage(LogLevel.Error, "The request at {Position} of the spool could not even be set aside")]
    private static partial void LogNotKept(ILogger log, long position, Exception error);

    [LoggerMessage(LogLevel.Error, "{Path} can't be moved to spool/rejected")]
    private static partial void LogNotMoved(ILogger log, string path, Exception error);

    [LoggerMessage(LogLevel.Error, "What is old in {Folder} can't be deleted")]
    private static partial void LogNotExpired(ILogger log, string folder, Exception error);
}
