using Collector.Storage.Sqlite.Driver;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Folder;

/// <summary>
/// A backup that is being made: every file is synced when its call returns, and the manifest is the last of them. What a
/// failure leaves, <see cref="RemoveAll"/> takes away; what a kill leaves has no manifest.
/// </summary>
internal sealed class BackupFolder : IDisposable
{
    private readonly string _path;
    private readonly FileSync _sync;
    private readonly bool _isOwn;
    private readonly FileStream _manifest;

    // Only what this process made: somebody else's file must not go with it.
    private readonly HashSet<string> _made = new(StringComparer.Ordinal);
    private readonly HashSet<string> _folders = new(StringComparer.Ordinal);

    private BackupFolder(string path, FileSync sync, bool isOwn, FileStream manifest)
    {
        _path = path;
        _sync = sync;
        _isOwn = isOwn;
        _manifest = manifest;
        _made.Add(manifest.Name);
    }

    /// <summary>Takes a folder that is empty, or makes it; the manifest's beginning keeps every other backup out.</summary>
    /// <exception cref="IOException">It holds something, another backup is being made there, or it can't be made.</exception>
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
        return new BackupFolder(path, sync, !isThere, PrivateFiles.Create(Path.Combine(path, BackupManifest.FileName + FolderExport.PartSuffix)));
    }

    /// <summary>A second name of a file that never changes, or a copy where there can be none.</summary>
    /// <inheritdoc cref="Copy"/>
    public BackupFile LinkOrCopy(StoreFile file, string kind, long rows, CancellationToken cancellation)
    {
        var path = Place(file.Name);
        if (!HardLinks.TryCreate(file.Path, path))
        {
            return Copy(file, kind, rows, cancellation);
        }

        _made.Add(path);
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
        using var target = Create(file.Name);
        var (bytes, sha256) = FileHash.Copy(source, target, cancellation);
        _sync.SyncFile(target.SafeFileHandle, target.Name);
        return new BackupFile(file.Name, kind, bytes, sha256, rows, Linked: false);
    }

    /// <summary>A database as it is at this moment.</summary>
    /// <exception cref="SqliteException">It can't be read, or the backup can't be written.</exception>
    /// <exception cref="IOException">The backup can't be written.</exception>
    public BackupFile Snapshot(SqliteConnection source, string name, string kind, CancellationToken cancellation)
    {
        // Open while SQLite writes, so that no failure is told to a handle that is closed by then.
        using var file = Create(name);
        using (var target = Connections.OpenExport(file.Name))
        {
            source.CopyTo(target, cancellation);
        }

        _sync.SyncFile(file.SafeFileHandle, file.Name);
        var (bytes, sha256) = FileHash.Copy(file, null, cancellation);
        return new BackupFile(name, kind, bytes, sha256, Rows: 0, Linked: false);
    }

    /// <summary>Takes a file back. Does not throw where it is not there.</summary>
    public void Remove(string name) => File.Delete(Path.Combine(_path, name));

    /// <summary>From here on it is a backup.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    public void Finish(BackupManifest manifest)
    {
        _manifest.Write(manifest.ToJson());
        _sync.SyncFile(_manifest.SafeFileHandle, _manifest.Name);
        foreach (var folder in Folders())
        {
            _sync.SyncFolder(folder);
        }

        var path = Path.Combine(_path, BackupManifest.FileName);
        File.Move(_manifest.Name, path);
        _made.Add(path);
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
            if (!Directory.EnumerateFileSystemEntries(folder).Any())
            {
                Directory.Delete(folder);
            }
        }
    }

    public void Dispose() => _manifest.Dispose();

    // Deepest first.
    private IEnumerable<string> Folders() => _folders.Append(_path).Where(Directory.Exists).OrderByDescending(static folder => folder.Length);

    private FileStream Create(string name)
    {
        var file = PrivateFiles.Create(Place(name));
        _made.Add(file.Name);
        return file;
    }

    // Where a file comes, in a folder that is there.
    private string Place(string name)
    {
        var path = Path.Combine(_path, name);
        if (Path.GetDirectoryName(path) is { } folder && folder != _path)
        {
            _folders.Add(folder);
            _sync.CreateFolder(folder);
        }

        return path;
    }

    // Its bytes were synced when it was sealed; its owner and mode are those of the data folder.
    private void SyncLinked(string path)
    {
        using var file = FileHash.OpenToRead(path);
        _sync.SyncFile(file.SafeFileHandle, path);
    }
}
