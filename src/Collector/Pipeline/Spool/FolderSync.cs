using System.Runtime.InteropServices;

namespace Collector.Pipeline.Spool;

/// <summary>
/// Makes the names in a folder durable: an fsynced file whose name was never fsynced is gone after a power cut. The
/// framework has no call for it.
/// </summary>
internal static partial class FolderSync
{
    private const int ReadOnly = 0;

    /// <exception cref="IOException">The folder could not be synced.</exception>
    public static void Sync(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return; // NTFS journals names by itself.
        }

        var folder = Open(path, ReadOnly);
        if (folder < 0)
        {
            throw new IOException($"{path} can't be opened to sync it (errno {Marshal.GetLastPInvokeError()})");
        }

        var result = Fsync(folder);
        var error = Marshal.GetLastPInvokeError();
        _ = Close(folder);
        if (result != 0)
        {
            throw new IOException($"{path} can't be synced (errno {error})");
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int file);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);
}
