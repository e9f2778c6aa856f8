using System.Globalization;

namespace Collector.Storage.Sqlite;

/// <summary>
/// Holds a storage folder for this process, by an operating system's lock on <c>collector.lock</c>. The kernel lets go
/// of it with the process, however it ends, so that there are no stale locks; the file stays, since deleting it would
/// let two processes hold two files of one name. The holder's number stands in <c>collector.pid</c> beside it: .NET
/// takes a shared lock for any reading, so that a locked file cannot tell.
/// </summary>
internal sealed class StoreLock : IDisposable
{
    public const string LockFile = "collector.lock";
    public const string PidFile = "collector.pid";

    private readonly FileStream _lock;

    private StoreLock(FileStream held) => _lock = held;

    /// <summary>Takes the folder; null where another process holds it.</summary>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    /// <exception cref="IOException">Opening failed for another reason than the lock.</exception>
    public static StoreLock? TryAcquire(string folder)
    {
        FileStream held;
        try
        {
            var path = Path.Combine(folder, LockFile);
            held = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (IsSharingViolation(e.HResult))
        {
            return null;
        }

        try
        {
            var pid = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
            File.WriteAllText(Path.Combine(folder, PidFile), pid);
            return new StoreLock(held);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>The process that holds the folder, or null where it has not yet said. Does not throw.</summary>
    public static int? HolderOf(string folder)
    {
        try
        {
            var text = File.ReadAllText(Path.Combine(folder, PidFile));
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public void Dispose() => _lock.Dispose();

    // EWOULDBLOCK of flock on Linux and on macOS, ERROR_SHARING_VIOLATION on Windows.
    private static bool IsSharingViolation(int result) => result is 11 or 35 or unchecked((int)0x80070020);
}
