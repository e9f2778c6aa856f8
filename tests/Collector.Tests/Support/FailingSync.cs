using Collector.Storage;
using Microsoft.Win32.SafeHandles;

namespace Collector.Tests.Support;

/// <summary>A disk whose n-th sync of a file or a folder fails, from 1; 0: none does. Keeps what was synced, in order.</summary>
internal sealed class FailingSync(int failing = 0) : FileSync
{
    public List<string> Synced { get; } = [];

    public override void SyncFile(SafeFileHandle file, string path)
    {
        Count(path);
        base.SyncFile(file, path);
    }

    public override void SyncFolder(string path)
    {
        Count(path);
        base.SyncFolder(path);
    }

    private void Count(string path)
    {
        Synced.Add(path);
        if (Synced.Count == failing)
        {
            throw new IOException($"{path} can't be synced to the disk: Input/output error (error 5)");
        }
    }
}
