using System.Runtime.InteropServices;

namespace Collector.Storage.Sqlite.Driver;

/// <summary>
/// Which file a path names at this moment, so that it is noticed when another stands in its place. By device and inode
/// where the system tells them cheaply (Linux), else by the time at which it was made.
/// </summary>
internal readonly partial record struct FileIdentity
{
    private const int CurrentFolder = -100;
    private const uint InodeAndLinks = 0x104;
    private const int StatxLength = 256;
    private const int NoSuchFile = 2;
    private const int NotAFolder = 20;

    private ulong Device { get; init; }

    private ulong Number { get; init; }

    /// <summary>Null where there is no such file. A system that does not answer says nothing of the file.</summary>
    public static FileIdentity? Of(string path)
    {
        if (OperatingSystem.IsLinux())
        {
            Span<byte> answer = stackalloc byte[StatxLength];
            if (Statx(CurrentFolder, path, 0, InodeAndLinks, ref MemoryMarshal.GetReference(answer)) == 0)
            {
                return Read(answer);
            }

            if (Marshal.GetLastPInvokeError() is NoSuchFile or NotAFolder)
            {
                return null;
            }
        }

        var file = new FileInfo(path);
        return file.Exists ? new FileIdentity { Number = (ulong)file.CreationTimeUtc.Ticks } : null;
    }

    // As linux/stat.h lays it out, on every processor alike.
    private static FileIdentity Read(ReadOnlySpan<byte> answer) => new()
    {
        Number = BitConverter.ToUInt64(answer[32..]),
        Device = ((ulong)BitConverter.ToUInt32(answer[136..]) << 32) | BitConverter.ToUInt32(answer[140..]),
    };

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, ref byte answer);
}
