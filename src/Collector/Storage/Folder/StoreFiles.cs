using Collector.Storage.Sqlite.Segments;

namespace Collector.Storage.Folder;

/// <summary>What a file of a data folder is.</summary>
internal enum FileKind
{
    /// <summary>Rows, and what is committed with them.</summary>
    Segment,

    /// <summary>Another SQLite file, such as the spool's.</summary>
    Database,

    /// <summary>Was damaged and renamed; nothing reads it.</summary>
    SetAside,

    /// <summary>Anything else that is kept: keys, and what an operator puts there.</summary>
    Other,
}

/// <param name="Name">Relative to the data folder, with <c>/</c>: the spool's begin with <c>spool/</c>, wherever it is.</param>
/// <param name="Path">Where it is.</param>
/// <param name="Kind">What it is.</param>
internal readonly record struct StoreFile(string Name, string Path, FileKind Kind);

/// <summary>The files of a data folder and its spool, without those of one process or one moment.</summary>
internal static class StoreFiles
{
    /// <summary>The folder below the data folder that the spool is in, unless a setting says otherwise.</summary>
    public const string Spool = "spool";

    private const string Rejected = "rejected";

    // Of keys, and what logins are encrypted with.
    private const string Keys = "keys";

    private const string Wal = "-wal";

    // Locks and pids are a process's; a WAL, its index and a journal belong to their file; the rest is being made, or deleted.
    private static readonly string[] _passing = [".lock", ".pid", Wal, "-shm", "-journal", ".deleted", ".part", ".salvage"];
    private static readonly string[] _temporary = ["etilqs_", ".collector-doctor-", BackupManifest.FileName];

    /// <exception cref="IOException">The folder can't be listed.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be listed.</exception>
    public static IReadOnlyList<StoreFile> In(string folder, string spool)
    {
        var files = Below(folder, "").ToList();
        files.AddRange(Below(Path.Combine(folder, Keys), Keys + "/"));
        if (Directory.Exists(spool) && Path.GetFullPath(spool) != Path.GetFullPath(folder))
        {
            files.AddRange(Below(spool, Spool + "/"));
            files.AddRange(Below(Path.Combine(spool, Rejected), $"{Spool}/{Rejected}/"));
        }

        return files;
    }

    /// <summary>Folders in the data folder that Collector does not know.</summary>
    public static IEnumerable<string> Unknown(string folder, string spool) =>
        from path in Directory.EnumerateDirectories(folder)
        let name = Path.GetFileName(path)
        where name is not (Spool or Keys or "lost+found") && Path.GetFullPath(path) != Path.GetFullPath(spool)
        select name;

    private static IEnumerable<StoreFile> Below(string folder, string prefix) =>
        from path in Directory.Exists(folder) ? Directory.EnumerateFiles(folder) : []
        let name = Path.GetFileName(path)
        where IsKept(name, path)
        orderby name
        select new StoreFile(prefix + name, path, KindOf(name, path));

    private static bool IsKept(string name, string path) =>
        IsSetAside(name, path)
        || (!_passing.Any(end => name.EndsWith(end, StringComparison.Ordinal)) && !_temporary.Any(begin => name.StartsWith(begin, StringComparison.Ordinal)));

    // A WAL whose file is gone too: it may hold rows.
    private static bool IsSetAside(string name, string path) =>
        name.Contains(AsideFile.Suffix, StringComparison.Ordinal)
        || (name.EndsWith(Wal, StringComparison.Ordinal) && !File.Exists(path[..^Wal.Length]) && !File.Exists(path[..^Wal.Length] + ".deleted"));

    private static FileKind KindOf(string name, string path) =>
        IsSetAside(name, path) ? FileKind.SetAside
        : SegmentName.TryParse(name, out _) ? FileKind.Segment
        : IsDatabase(path) ? FileKind.Database
        : FileKind.Other;

    private static bool IsDatabase(string path)
    {
        Span<byte> head = stackalloc byte[16];
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            return file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length && head.SequenceEqual("SQLite format 3\0"u8);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // Gone, or not to be read: who copies it finds out.
        }
    }
}
