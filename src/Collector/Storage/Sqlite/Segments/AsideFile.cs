using System.Globalization;

namespace Collector.Storage.Sqlite.Segments;

/// <summary>A segment that can't be used, renamed so that no program takes it for one: it counts, grows old and leaves like them.</summary>
/// <param name="Path">Of the file; its WAL and the like have their endings behind it.</param>
/// <param name="Number">Of the segment that it was.</param>
/// <param name="Bytes">On disk, with its companions.</param>
/// <param name="WrittenAt">When it was last written to, by the file system.</param>
internal sealed record AsideFile(string Path, int Number, long Bytes, DateTimeOffset WrittenAt)
{
    /// <summary>In the name of every file that was set aside.</summary>
    public const string Suffix = ".damaged";

    private const string Orphan = ".db-wal";

    /// <summary>Those of a folder, oldest first; a WAL whose file is gone is one too.</summary>
    public static IReadOnlyList<AsideFile> In(string folder)
    {
        var files = new List<AsideFile>();
        foreach (var path in Directory.EnumerateFiles(folder, $"*{Suffix}").Concat(Directory.EnumerateFiles(folder, $"*{Orphan}").Where(IsOrphan)))
        {
            if (SegmentName.TryParseStart(System.IO.Path.GetFileName(path.AsSpan()), out var name))
            {
                files.Add(new AsideFile(path, name.Number, SegmentFile.SizeOf(path), new DateTimeOffset(File.GetLastWriteTimeUtc(path), TimeSpan.Zero)));
            }
        }

        return [.. files.OrderBy(static file => file.Number)];
    }

    private static bool IsOrphan(string wal) => !System.IO.Path.Exists(wal[..^"-wal".Length]);

    /// <summary>Where a file goes, with the time in its name: an earlier one of this number is never overwritten.</summary>
    public static string NewPath(string path, DateTimeOffset now)
    {
        var time = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var aside = $"{path}.{time}{Suffix}";
        for (var n = 2; File.Exists(aside); n++)
        {
            aside = $"{path}.{time}-{n}{Suffix}";
        }

        return aside;
    }
}
