using Collector.Storage;

namespace Collector.Pipeline.Spool;

/// <summary>
/// Holds the spool's folder for this process: two that replay and delete the same files would store each other's requests,
/// and lose them.
/// </summary>
internal static class SpoolLock
{
    private const string Name = "spool";

    /// <summary>Makes the folder, private, unless it is there, and takes it.</summary>
    /// <exception cref="SpoolInUseException">Another process holds it.</exception>
    /// <exception cref="IOException">The folder can't be used.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder belongs to somebody else.</exception>
    public static FolderLock Take(string folder)
    {
        FileSync.Default.CreateFolder(folder);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder, PrivateFiles.OfFolder);
        }

        return FolderLock.TryTake(folder, Name) ?? throw new SpoolInUseException(folder, FolderLock.HolderOf(folder, Name));
    }
}

/// <summary>Another process has the spool's folder.</summary>
internal sealed class SpoolInUseException(string folder, string holder) : IOException($"{folder} (Spool:Path) is in use by {holder}.");
