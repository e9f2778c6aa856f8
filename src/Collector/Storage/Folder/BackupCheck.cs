namespace Collector.Storage.Folder;

/// <summary>Whether a backup still is what its manifest says: every file, each byte of it, and nothing else.</summary>
internal sealed class BackupCheck
{
    private readonly string _folder;

    /// <exception cref="IOException">The folder is no backup.</exception>
    public BackupCheck(string folder)
    {
        _folder = folder;
        Manifest = BackupManifest.Read(folder);
    }

    public BackupManifest Manifest { get; }

    /// <summary>Whether a folder says that it is a backup.</summary>
    public static bool IsBackup(string folder) => File.Exists(Path.Combine(folder, BackupManifest.FileName));

    /// <summary>A report for each file that is not as it was written; none where all is well.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public IEnumerable<FileReport> Run(CancellationToken cancellation)
    {
        foreach (var file in Manifest.Files)
        {
            if (WhatIsWrong(file, cancellation) is { } wrong)
            {
                yield return new FileReport(file.Name, FileState.Damaged, wrong);
            }
        }

        var known = Manifest.Files.Select(static file => file.Name).Append(BackupManifest.FileName).ToHashSet(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(_folder, path).Replace(Path.DirectorySeparatorChar, '/');
            if (!known.Contains(name))
            {
                yield return new FileReport(name, FileState.Damaged, "is not in the manifest: somebody put it there, or opened the backup for writing");
            }
        }
    }

    private string? WhatIsWrong(BackupFile file, CancellationToken cancellation)
    {
        var path = Path.Combine(_folder, file.Name);
        try
        {
            var length = new FileInfo(path) is { Exists: true } found ? found.Length : -1;
            return length < 0 ? "is missing"
                : length != file.Bytes ? FormattableString.Invariant($"has {length} bytes; the manifest says {file.Bytes}")
                : FileHash.Of(path, cancellation).Sha256 != file.Sha256 ? "is not as it was written: its checksum is another one"
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"can't be read: {e.Message}";
        }
    }
}
