using Collector.Storage.Sqlite.Driver;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Folder;

/// <summary>
/// A backup that is being made: every file is synced when its call returns, and the manifest is the last of them. What a
/// failure leaves, <see cref="RemoveAll"/> takes away; what a kill leaves has no manifest.
/// </summary>
internal sealed class BackupFolder
{
    private readonly string _path;
    private readonly FileSync _sync;
    private readonly bool _isOwn;
    private readonly HashSet<string> _made = new(StringComparer.Ordinal);

    private BackupFolder(string path, FileSync sync, bool isOwn)
    {
        _path = path;
        _sync = sync;
        _isOwn = isOwn;
    }

    /// <summary>Takes a folder that is empty, or makes it.</summary>
    /// <exception cref="IOException">It holds something, or can't be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static BackupFolder Reserve(string path, FileSync sync)
    {
        var isThere = Directory.Exists(path);
        if (isThere && Directory.EnumerateFileSystemEntries(path).Any())
        {
            throw new IOException(File.Exists(Path.Combine(path, BackupManifest.FileName))
                ? $"{path} holds a backup already; a backup never overwrites."
                : $"{path} is not empty, and no finished backup (it has no {BackupManifest.FileName}): empty it, or name another folder.");
        }

        sync.CreateFolder(path);
        return new BackupFolder(path, sync, !isThere);
    }

    /// <summary>A second name of a file that never changes, or a copy where there can be none.</summary>
    /// <inheritdoc cref="Copy"/>
    public BackupFile LinkOrCopy(StoreFile file, string kind, long rows, CancellationToken cancellation)
    {
        var path = Make(file.Name);
        if (!HardLinks.TryCreate(file.Path, path))
        {
            return Copy(file, kind, rows, cancellation);
        }

        SyncLinked(path);
        var (bytes, sha256) = FileHash.Of(path, cancellation);
        return new BackupFile(file.Name, kind, bytes, sha256, rows, Linked: true);
    }

    /// <summary>The file's bytes as they are.</summary>
    /// <exception cref="UnreadableFileException">The file can't be read.</exception>
    /// <exception cref="IOException">The backup can't be written; or the file is gone.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public BackupFile Copy(StoreFile file, string kind, long rows, CancellationToken cancellation)
    {
        using var source = FileHash.OpenToRead(file.Path);
        var path = Make(file.Name);
        using var target = PrivateFiles.Create(path);
        var (bytes, sha256) = FileHash.Copy(source, target, cancellation);
        _sync.SyncFile(target.SafeFileHandle, path);
        return new BackupFile(file.Name, kind, bytes, sha256, rows, Linked: false);
    }

    /// <summary>A database as it is at this moment.</summary>
    /// <exception cref="SqliteException">It can't be read, or the backup can't be written.</exception>
    /// <exception cref="IOException">The backup can't be written.</exception>
    public BackupFile Snapshot(SqliteConnection source, string name, string kind, CancellationToken cancellation)
    {
        var path = Make(name);
        // Open while SQLite writes, so that no failure is told to a handle that is closed by then.
        using var file = PrivateFiles.Create(path);
        using (var target = Connections.OpenExport(path))
        {
            source.CopyTo(target, cancellation);
        }

        _sync.SyncFile(file.SafeFileHandle, path);
        var (bytes, sha256) = FileHash.Copy(file, null, cancellation);
        return new BackupFile(name, kind, bytes, sha256, Rows: 0, Linked: false);
    }

    /// <summary>Takes a file back. Does not throw where it is not there.</summary>
    public void Remove(string name) => File.Delete(Path.Combine(_path, name));

    /// <summary>From here on it is a backup.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    public void Finish(BackupManifest manifest)
    {
        var path = Make(BackupManifest.FileName);
        var part = Make(BackupManifest.FileName + FolderExport.PartSuffix);
        using (var file = PrivateFiles.Create(part))
        {
            file.Write(manifest.ToJson());
            _sync.SyncFile(file.SafeFileHandle, part);
        }

        foreach (var folder in Folders())
        {
            _sync.SyncFolder(folder);
        }

        File.Move(part, path);
        _sync.SyncFolder(_path);
    }

    /// <summary>Takes everything back that was made here.</summary>
    public void RemoveAll()
    {
        foreach (var path in _made.Where(File.Exists))
        {
            File.Delete(path);
        }

        foreach (var folder in Folders().Where(folder => folder != _path || _isOwn))
        {
            Directory.Delete(folder);
        }
    }

    // Deepest first.
    private IEnumerable<string> Folders() =>
        _made.Select(static path => Path.GetDirectoryName(path)!).Append(_path).Distinct(StringComparer.Ordinal)
            .Where(Directory.Exists).OrderByDescending(static folder => folder.Length);

    private string Make(string name)
    {
        var path = Path.Combine(_path, name);
        _made.Add(path);
        _sync.CreateFolder(Path.GetDirectoryName(path)!);
        return path;
    }

    // Its bytes were synced when it was sealed; its owner and mode are those of the data folder.
    private void SyncLinked(string path)
    {
        using var file = FileHash.OpenToRead(path);
        _sync.SyncFile(file.SafeFileHandle, path);
    }
}
