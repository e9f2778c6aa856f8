using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Collector.Storage;

/// <summary>
/// Makes files, and the names in folders, durable; returns only when the operating system says that they are. The calls of
/// the framework (<c>RandomAccess.FlushToDisk</c>, <c>FileStream.Flush(true)</c>) report no failing fsync on this runtime:
/// seen with EIO, ENOSPC, EDQUOT, EROFS and EINVAL.
///
/// A file whose sync failed is to be given up: the kernel drops what it could not write and tells it once, so that the next
/// sync of the same file succeeds without those bytes. It tells it for certain only to a handle that was open while they
/// were written.
///
/// SQLite syncs its own files. Tests derive a disk that fails.
/// </summary>
internal partial class FileSync
{
    private const int ReadOnly = 0;
    private const int Interrupted = 4;

    // fcntl of macOS: down to the medium. fsync leaves the bytes in the drive's cache there.
    private const int FullFsync = 51;

    public static FileSync Default { get; } = new();

    /// <param name="file">Open for writing.</param>
    /// <param name="path">For the message.</param>
    /// <exception cref="IOException">It is not known to be on disk, now or ever.</exception>
    public virtual void SyncFile(SafeFileHandle file, string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Check(FlushFileBuffers(file), path);
            return;
        }

        SyncUnix(file, path);
    }

    /// <summary>The names in a folder: a synced file whose name was never synced is gone after a power cut.</summary>
    /// <exception cref="IOException">They are not known to be on disk.</exception>
    public virtual void SyncFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return; // NTFS journals names by itself.
        }

        var opened = Open(path, ReadOnly);
        Check(opened >= 0, path);
        using var folder = new SafeFileHandle(opened, ownsHandle: true);
        SyncUnix(folder, path);
    }

    /// <summary>Makes a folder and those above it that are missing, each for its owner alone and with its name synced.</summary>
    /// <exception cref="IOException">One can't be made, or its name can't be synced.</exception>
    /// <exception cref="UnauthorizedAccessException">One may not be made.</exception>
    public void CreateFolder(string path)
    {
        var missing = new Stack<string>();
        var at = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        for (; !Directory.Exists(at) && Path.GetDirectoryName(at) is { } parent; at = parent)
        {
            missing.Push(at);
        }

        foreach (var folder in missing)
        {
            PrivateFiles.CreateFolder(folder);
            SyncFolder(at);
            at = folder;
        }
    }

    private static void SyncUnix(SafeFileHandle file, string path)
    {
        var isSynced = OperatingSystem.IsMacOS() && Repeat(file, static file => Fcntl(file, FullFsync));
        // Not every file system knows it; then what is left is what SQLite does too.
        Check(isSynced || Repeat(file, Fsync), path);
    }

    // A signal may come in between.
    private static bool Repeat(SafeFileHandle file, Func<SafeFileHandle, int> sync)
    {
        int result;
        do
        {
            result = sync(file);
        }
        while (result != 0 && Marshal.GetLastPInvokeError() == Interrupted);
        return result == 0;
    }

    private static void Check(bool succeeded, string path)
    {
        if (!succeeded)
        {
            var error = Marshal.GetLastPInvokeError();
            throw new IOException($"{path} can't be synced to the disk: {Marshal.GetPInvokeErrorMessage(error)} (error {error})");
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Fcntl(SafeFileHandle file, int command);

    [LibraryImport("kernel32", EntryPoint = "FlushFileBuffers", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool FlushFileBuffers(SafeFileHandle file);
}
