using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Collector.Storage;

/// <summary>
/// Keeps what services log to the user that Collector runs as: files 0600, folders 0700, whatever the umask was. On Windows
/// files have the rights of their folder, and none of this does anything.
/// </summary>
internal static partial class PrivateFiles
{
    public const UnixFileMode OfFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    public const UnixFileMode OfFolder = OfFile | UnixFileMode.UserExecute;

    private const uint Others = 63; // 0077

    private const UnixFileMode OthersMay =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Beginnings of the names of what Collector keeps in its folders; etilqs_ is what SQLite sorts with.</summary>
    private static readonly string[] _ours = ["segment-", "collector.", "spool", "rejected", "keys", "etilqs_"];

    /// <summary>
    /// For the whole process, before it makes a file: SQLite's files, locks and temporary files are made by others' code.
    /// </summary>
    public static void LeaveOthersNothing()
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = Umask(Others);
        }
    }

    /// <exception cref="IOException">It can't be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OfFolder);
        }
    }

    /// <summary>A new file that only its owner may open, and that others may read and write through their own handles.</summary>
    /// <exception cref="IOException">It is there, or can't be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static FileStream Create(string path)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OfFile;
        }

        return new FileStream(path, options);
    }

    /// <summary>
    /// Takes what others may do from Collector's files in a folder that is there, and from the folder itself, unless it holds
    /// something else too: what a person keeps beside them has the rights that the person gave it. Does not throw.
    /// </summary>
    public static Tightened Tighten(string folder)
    {
        if (OperatingSystem.IsWindows() || !Directory.Exists(folder))
        {
            return default;
        }

        try
        {
            var entries = Directory.GetFileSystemEntries(folder);
            var ours = Array.FindAll(entries, IsOurs);
            string[] itself = entries.Length == ours.Length ? [folder] : [];
            var done = itself.Concat(ours).Select(Take).Aggregate(default(Tightened), static (sum, one) => sum + one);
            return ours.Where(Directory.Exists).Select(Tighten).Aggregate(done, static (sum, one) => sum + one);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Tightened(0, 1, e.Message);
        }
    }

    private static bool IsOurs(string path) =>
        Array.Exists(_ours, begin => Path.GetFileName(path.AsSpan()).StartsWith(begin, StringComparison.Ordinal));

    [UnsupportedOSPlatform("windows")]
    private static Tightened Take(string path)
    {
        try
        {
            var mode = File.GetUnixFileMode(path);
            if ((mode & OthersMay) == 0)
            {
                return default;
            }

            File.SetUnixFileMode(path, mode & ~OthersMay);
            return new Tightened(1, 0, null);
        }
        catch (FileNotFoundException)
        {
            return default; // Deleted meanwhile.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Tightened(0, 1, e.Message);
        }
    }

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial uint Umask(uint mask);
}

/// <param name="Changed">Files and folders that others could read or write, and can't any more.</param>
/// <param name="Left">Those whose rights can't be changed.</param>
/// <param name="Error">Why, of one of them.</param>
internal readonly record struct Tightened(int Changed, int Left, string? Error)
{
    public static Tightened operator +(Tightened a, Tightened b) => new(a.Changed + b.Changed, a.Left + b.Left, a.Error ?? b.Error);
}
