using System.Globalization;

namespace Collector.Pipeline.Spool;

/// <summary>
/// Holds the spool's folder for this process: two that replay and delete the same files would store each other's requests,
/// and lose them. An operating system's lock, which the kernel lets go of with the process; its file stays. The holder's
/// number stands beside it, since a locked file cannot be read.
/// </summary>
internal sealed class SpoolLock : IDisposable
{
    public const string LockFile = "spool.lock";
    public const string PidFile = "spool.pid";

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly FileStream _lock;

    private SpoolLock(FileStream held) => _lock = held;

    /// <summary>Makes the folder, private, unless it is there, and takes it.</summary>
    /// <exception cref="SpoolInUseException">Another process holds it.</exception>
    /// <exception cref="IOException">The folder can't be used.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder belongs to somebody else.</exception>
    public static SpoolLock Take(string folder)
    {
        MakePrivate(folder);
        FileStream held;
        try
        {
            held = new FileStream(Path.Combine(folder, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error) when (IsHeld(error.HResult))
        {
            throw new SpoolInUseException(folder, HolderOf(folder));
        }

        try
        {
            File.WriteAllText(Path.Combine(folder, PidFile), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return new SpoolLock(held);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    public void Dispose() => _lock.Dispose();

    private static void MakePrivate(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, Private);
            File.SetUnixFileMode(folder, Private);
        }
    }

    // Null where the holder has not said yet.
    private static int? HolderOf(string folder)
    {
        try
        {
            var text = File.ReadAllText(Path.Combine(folder, PidFile));
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // EWOULDBLOCK of flock on Linux and on macOS, ERROR_SHARING_VIOLATION on Windows.
    private static bool IsHeld(int result) => result is 11 or 35 or unchecked((int)0x80070020);
}

/// <summary>Another process has the spool's folder.</summary>
internal sealed class SpoolInUseException(string folder, int? holder) : IOException(
    $"{folder} (Spool:Path) is in use by {(holder is { } pid ? $"process {pid}" : "another process")}.");
