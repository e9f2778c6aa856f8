namespace Collector.Storage.Folder;

/// <summary>
/// Makes a data folder of a backup that was checked. (1) Every file is copied, each compared with the manifest and synced, into
/// a folder of their own below the target: Collector does not start on a target that has it. (2) They get their names, the
/// newest segment last. (3) That folder goes.
/// </summary>
/// <param name="backup">Where the files are.</param>
/// <param name="manifest">What they must be.</param>
/// <param name="sync">What makes files durable.</param>
internal sealed class FolderRestore(string backup, BackupManifest manifest, FileSync sync)
{
    /// <summary>Below the target, until all files are there.</summary>
    public const string PartFolder = "restoring";

    private const string LockName = "restore";

    /// <summary>Whether a restore into this folder was begun and not finished.</summary>
    public static bool IsUnfinished(string folder) => Directory.Exists(Path.Combine(folder, PartFolder));

    /// <summary>
    /// Why nothing may be restored into a folder; null where it may. One in which a restore was killed may hold the files that
    /// already had their names.
    /// </summary>
    /// <exception cref="IOException">It can't be listed.</exception>
    public string? WhyNotInto(string target)
    {
        if (!Directory.Exists(target))
        {
            return File.Exists(target) ? $"{target} is a file." : null;
        }

        string[] own = IsUnfinished(target) ? [.. manifest.Files.Select(static file => file.Name.Split('/')[0])] : [];
        return Directory.EnumerateFileSystemEntries(target).Select(Path.GetFileName).Except([PartFolder, "lost+found", .. own]).Any()
            ? $"{target} is not empty; a restore never overwrites. Name a new folder, or move away what is there."
            : null;
    }

    /// <exception cref="IOException">A file can't be read or written, or is not what the manifest says; the target is as before.</exception>
    /// <exception cref="UnauthorizedAccessException">The target may not be written.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; the target is as before.</exception>
    public void Run(string target, CancellationToken cancellation)
    {
        var isOwn = !Directory.Exists(target);
        var isAgain = IsUnfinished(target);
        var part = Path.Combine(target, PartFolder);
        sync.CreateFolder(part);
        using var held = FolderLock.TryTake(part, LockName) ?? throw new IOException($"Another restore into {target} is under way.");
        try
        {
            // What one left that was killed.
            foreach (var path in Directory.GetFileSystemEntries(part).Where(static path => Path.GetFileNameWithoutExtension(path) != LockName))
            {
                Delete(path);
            }

            // 1.
            foreach (var file in manifest.Files)
            {
                Copy(file, Path.Combine(part, file.Name), cancellation);
            }
        }
        catch
        {
            held.Dispose();
            Delete(part);
            if (isOwn)
            {
                Directory.Delete(target);
            }

            throw;
        }

        // 2. Names sort by number: the newest segment, which a Collector appends to, is the last.
        foreach (var file in manifest.Files.OrderBy(static file => file.Name.StartsWith("segment-", StringComparison.Ordinal))
            .ThenBy(static file => file.Name, StringComparer.Ordinal))
        {
            var path = Path.Combine(target, file.Name);
            sync.CreateFolder(Path.GetDirectoryName(path)!);
            File.Move(Path.Combine(part, file.Name), path, overwrite: isAgain);
        }

        SyncFolders(target);
        // 3.
        held.Dispose();
        Delete(part);
        sync.SyncFolder(target);
    }

    private void Copy(BackupFile file, string path, CancellationToken cancellation)
    {
        sync.CreateFolder(Path.GetDirectoryName(path)!);
        using var source = FileHash.OpenToRead(Path.Combine(backup, file.Name));
        using var target = PrivateFiles.Create(path);
        if (FileHash.Copy(source, target, cancellation) != (file.Bytes, file.Sha256))
        {
            throw new IOException($"{source.Name} changed while it was read, or can't be read twice alike; nothing was restored.");
        }

        sync.SyncFile(target.SafeFileHandle, path);
    }

    private void SyncFolders(string target)
    {
        foreach (var folder in manifest.Files.Select(file => Path.GetDirectoryName(Path.Combine(target, file.Name))!).Distinct(StringComparer.Ordinal))
        {
            sync.SyncFolder(folder);
        }
    }

    private static void Delete(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
        else
        {
            File.Delete(path);
        }
    }
}
