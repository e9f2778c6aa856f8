using System.Runtime.InteropServices;

namespace Collector.Storage;

/// <summary>
/// Second names of a file, by which a backup has a sealed segment without copying it. Whoever shortens or overwrites a file
/// of the store asks first whether it has only one name.
/// </summary>
internal static partial class HardLinks
{
    private const int WorkingFolder = -100; // AT_FDCWD
    private const uint LinkCount = 4; // STATX_NLINK, in the mask that stands first
    private const int LinksAt = 16;
    private const int Length = 256;

    /// <summary>Gives the file a second name; false where that can't be: across file systems, or where there are none.</summary>
    public static bool TryCreate(string file, string name) =>
        !OperatingSystem.IsWindows() && new FileInfo(file).LinkTarget is null && Link(file, name) == 0;

    /// <summary>No other name leads to the file; false where nobody can say.</summary>
    public static bool IsOnlyName(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        // The structure is the same on every architecture of Linux.
        Span<byte> found = stackalloc byte[Length];
        return Statx(WorkingFolder, path, 0, LinkCount, ref found[0]) == 0
            && (MemoryMarshal.Read<uint>(found) & LinkCount) != 0 && MemoryMarshal.Read<uint>(found[LinksAt..]) == 1;
    }

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string file, string name);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, ref byte found);
}
