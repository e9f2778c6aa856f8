using System.Globalization;

namespace Collector.Storage;

/// <summary>
/// Holds a folder for this process, by an operating system's lock on a file in it. The kernel lets go of it with the
/// process, however it ends, so that there are no stale locks; the file stays, since deleting it would let two processes
/// hold two files of one name. The holder's number stands in another file beside it: .NET takes a shared lock for any
/// reading, so that a locked file cannot tell.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    private readonly FileStream _lock;

    private FolderLock(FileStream held) => _lock = held;

    /// <summary>Takes the folder; null where another process holds it.</summary>
    /// <param name="folder">The folder, which is there.</param>
    /// <param name="name">Of the two files, without <c>.lock</c> and <c>.pid</c>.</param>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    /// <exception cref="IOException">Opening failed for another reason than the lock.</exception>
    public static FolderLock? TryTake(string folder, string name)
    {
        FileStream held;
        try
        {
            held = new FileStream(Path.Combine(folder, name + ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (IsSharingViolation(e.HResult))
        {
            return null;
        }

        NoteHolder(PidFile(folder, name));
        return new FolderLock(held);
    }

    /// <summary>Who holds the folder, in words, as far as that process has said. Does not throw.</summary>
    public static string HolderOf(string folder, string name)
    {
        try
        {
            var text = File.ReadAllText(PidFile(folder, name));
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? $"process {pid}" : "another process";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "another process";
        }
    }

    public void Dispose() => _lock.Dispose();

    // For people: on a full disk there may be no room for a number, and the lock holds all the same.
    private static void NoteHolder(string path)
    {
        try
        {
            File.WriteAllText(path, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // HolderOf answers "another process" then.
        }
    }

    private static string PidFile(string folder, string name) => Path.Combine(folder, name + ".pid");

    // EWOULDBLOCK of flock on Linux and on macOS, ERROR_SHARING_VIOLATION on Windows.
    private static bool IsSharingViolation(int result) => result is 11 or 35 or unchecked((int)0x80070020);
}
