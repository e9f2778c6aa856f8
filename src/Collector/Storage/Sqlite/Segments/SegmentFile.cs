namespace Collector.Storage.Sqlite.Segments;

/// <summary>A segment's file and what SQLite keeps beside it.</summary>
internal static class SegmentFile
{
    /// <summary>The file itself and its companions: the WAL, the WAL's index, a rollback journal.</summary>
    public static readonly IReadOnlyList<string> Parts = ["", "-wal", "-shm", "-journal"];

    /// <summary>Bytes of all parts that are there.</summary>
    public static long SizeOf(string path)
    {
        var size = 0L;
        foreach (var part in Parts)
        {
            var file = new FileInfo(path + part);
            size += file.Exists ? file.Length : 0;
        }

        return size;
    }

    /// <summary>Bytes of all files in a folder and those below it; what leaves meanwhile counts nothing.</summary>
    public static long SizeOfAll(string folder)
    {
        var size = 0L;
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            size += file.Exists ? file.Length : 0;
        }

        return size;
    }

    /// <summary>Deletes all parts that are there, as far as that is possible. Does not throw.</summary>
    public static bool TryDelete(string path)
    {
        var isGone = true;
        foreach (var part in Parts)
        {
            try
            {
                File.Delete(path + part);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                isGone = false;
            }
        }

        return isGone;
    }

    /// <summary>Something was committed that is not in the file itself yet, or may have been.</summary>
    public static bool HasRowsInWal(string path) => new FileInfo(path + "-wal") is { Exists: true, Length: > 0 };

    /// <summary>Somebody has it open, or left it without closing it.</summary>
    public static bool HasWal(string path) => File.Exists(path + "-wal");

    /// <summary>A transaction outside of a WAL was cut short, or is under way.</summary>
    public static bool HasJournal(string path) => File.Exists(path + "-journal");
}
