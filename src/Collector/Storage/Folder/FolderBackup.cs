using Collector.Model;
using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Segments;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Collector.Storage.Folder;

/// <summary>
/// A backup of a data folder, while a Collector may run on it: without its lock, and without holding up its writer.
///
/// Whatever was acknowledged before the backup began is in it, and its ledger balances, by the order of the steps:
/// (1) The spool first. A row that was acknowledged is in the spool or in a segment, and leaves the spool only after a segment
/// has it: so it is in this copy, or in a segment that is listed afterwards. One that is in both is known at its replay.
/// (2) The segments are listed, and the newest of them is copied as it is at one moment, with the accounts that count its rows.
/// (3) The older ones, which got their last row before the newest was begun: whenever they are copied, they hold all rows that
/// these accounts count. One that is begun after the list is left out: its accounts count rows that a copy may lack.
/// (4) The manifest.
///
/// A sealed segment never changes: it gets a second name in the backup, or a copy. Anything else that is a database is copied
/// by SQLite's backup. What retention deletes meanwhile is gone, as it is in the data folder; what can't be read is copied as
/// it is, and said.
/// </summary>
/// <param name="folder">The data folder.</param>
/// <param name="spool">The spool's folder.</param>
/// <param name="copies">No second names: what happens to a file of the data folder must not happen to the backup.</param>
/// <param name="sync">What makes files durable.</param>
/// <param name="clock">The one source of time.</param>
internal sealed class FolderBackup(string folder, string spool, bool copies, FileSync sync, TimeProvider clock)
{
    public const string Sealed = "sealed";
    public const string Unsealed = "segment";
    public const string Unreadable = "unreadable";

    // A file that is sealed, replaced or locked in the moment in which it is copied is copied again.
    private const int MaxAttempts = 5;

    private readonly List<BackupFile> _files = [];
    private readonly List<BackupRemark> _remarks = [];

    /// <exception cref="IOException">The target holds something, or can't be written; or the folder can't be listed.</exception>
    /// <exception cref="StoreUnavailableException">A file is locked by another program.</exception>
    public BackupManifest Run(string target, string version, CancellationToken cancellation)
    {
        _ = SegmentSource.In(folder);
        Refuse(target, folder);
        Refuse(target, spool);
        var begun = Now();
        using var backup = BackupFolder.Reserve(target, sync);
        try
        {
            // 1.
            foreach (var file in StoreFiles.In(folder, spool).Where(static file => file.Kind != FileKind.Segment))
            {
                Add(backup, file, cancellation);
            }

            // 2. and 3.
            AddSegments(backup, cancellation);
            if (!Directory.Exists(spool))
            {
                _remarks.Add(new BackupRemark("spool", $"is not there: what waits in another folder than {spool} (Spool:Path) is not in the backup", IsLoss: false));
            }

            _remarks.AddRange(StoreFiles.Unknown(folder, spool).Select(static name =>
                new BackupRemark(name, "is a folder that Collector does not know; it is not in the backup", IsLoss: false)));
            // 4.
            var manifest = new BackupManifest(BackupManifest.CurrentFormat, version, begun, Now(), _files, _remarks);
            backup.Finish(manifest);
            return manifest;
        }
        catch
        {
            backup.RemoveAll();
            throw;
        }
    }

    private static void Refuse(string target, string source)
    {
        var inner = Path.TrimEndingDirectorySeparator(Path.GetFullPath(target)) + Path.DirectorySeparatorChar;
        var outer = Path.TrimEndingDirectorySeparator(Path.GetFullPath(source)) + Path.DirectorySeparatorChar;
        if (inner.StartsWith(outer, StringComparison.Ordinal))
        {
            throw new IOException($"{target} is in {source}, which is to be backed up; name a folder outside of it.");
        }
    }

    private void AddSegments(BackupFolder backup, CancellationToken cancellation)
    {
        var segments = Segments();
        for (var attempt = 1; segments.Count > 0 && !Add(backup, segments[0], cancellation) && attempt < MaxAttempts; attempt++)
        {
            // The newest was given up while it was copied: what it held is in another one now.
            segments = Segments();
        }

        foreach (var segment in segments.Skip(1))
        {
            if (!Add(backup, segment, cancellation))
            {
                _remarks.Add(new BackupRemark(segment.Name, "was deleted before it was copied; its rows are not in the backup", IsLoss: false));
            }
        }
    }

    private List<StoreFile> Segments() =>
        [.. StoreFiles.In(folder, spool).Where(static file => file.Kind == FileKind.Segment).OrderByDescending(static file => NameOf(file).Number)];

    private static SegmentName NameOf(StoreFile file) => SegmentName.TryParse(file.Name, out var name) ? name : default;

    // False: it is gone.
    private bool Add(BackupFolder backup, StoreFile file, CancellationToken cancellation)
    {
        try
        {
            if (file.Kind is FileKind.Segment or FileKind.Database)
            {
                return AddDatabase(backup, file, cancellation);
            }

            _files.Add(backup.Copy(file, file.Kind == FileKind.SetAside ? "set_aside" : "other", 0, cancellation));
            return true;
        }
        catch (Exception e) when (e is FileNotFoundException or UnreadableFileException or UnauthorizedAccessException)
        {
            return !HasGone(backup, file, e.Message);
        }
    }

    private bool HasGone(BackupFolder backup, StoreFile file, string why)
    {
        backup.Remove(file.Name);
        if (!File.Exists(file.Path))
        {
            return true;
        }

        _remarks.Add(new BackupRemark(file.Name, $"is not in the backup: {why}", IsLoss: true));
        return false;
    }

    private bool AddDatabase(BackupFolder backup, StoreFile file, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            var source = new OutsideFile(file.Path);
            try
            {
                if (Copy(backup, file, source, cancellation) is not { } copied)
                {
                    return true;
                }

                if (source.IsAsItWas)
                {
                    _files.Add(copied);
                    return true;
                }

                backup.Remove(file.Name);
                if (source.IsDeleted)
                {
                    return false;
                }
            }
            catch (SqliteException e)
            {
                backup.Remove(file.Name);
                if (source.IsDeleted)
                {
                    return false;
                }

                if (!IsLocked(e))
                {
                    CopyAsItIs(backup, file, e, cancellation);
                    return true;
                }
            }

            if (attempt == MaxAttempts)
            {
                throw new StoreUnavailableException($"{file.Path} changes all the time, or is locked by another program.");
            }
        }
    }

    // Null where there is nothing to copy.
    private BackupFile? Copy(BackupFolder backup, StoreFile file, OutsideFile source, CancellationToken cancellation)
    {
        var isFinal = file.Kind == FileKind.Segment && source.HasLeftWal && !SegmentFile.HasJournal(file.Path);
        using var connection = source.Open();
        if (file.Kind == FileKind.Database)
        {
            return backup.Snapshot(connection, file.Name, "database", cancellation);
        }

        var (described, strange) = Describe(connection, NameOf(file));
        if (isFinal && described is { IsSealed: true })
        {
            return copies
                ? backup.Copy(file, Sealed, described.Value.LastRowid, cancellation)
                : backup.LinkOrCopy(file, Sealed, described.Value.LastRowid, cancellation);
        }

        if (strange is not null && !connection.HasTable("tail_logs"))
        {
            _remarks.Add(new BackupRemark(file.Name, $"holds no rows and is not in the backup: {strange}", IsLoss: false));
            return null;
        }

        var copied = backup.Snapshot(connection, file.Name, strange is null ? Unsealed : Unreadable, cancellation);
        if (strange is not null)
        {
            _remarks.Add(new BackupRemark(file.Name, $"was copied, but this Collector can't read it: {strange}", IsLoss: true));
            return copied;
        }

        // Of the same moment as the copy.
        return copied with { Rows = SegmentDescription.Read(connection, NameOf(file)).LastRowid };
    }

    private static (SegmentDescription? Described, string? Strange) Describe(SqliteConnection connection, SegmentName name)
    {
        try
        {
            return (SegmentDescription.Read(connection, name), null);
        }
        catch (SqliteException e) when (!IsLocked(e))
        {
            return (null, e.Message);
        }
    }

    // With its WAL or journal, where it has one: whoever opens the copy has what could be had of the file.
    private void CopyAsItIs(BackupFolder backup, StoreFile file, SqliteException why, CancellationToken cancellation)
    {
        if (IsOfTheTarget(why))
        {
            throw new IOException($"The backup can't be written: {why.Message}");
        }

        foreach (var part in SegmentFile.Parts.Where(part => part != "-shm" && File.Exists(file.Path + part)))
        {
            var copied = new StoreFile(file.Name + part, file.Path + part, file.Kind);
            _files.Add(backup.Copy(copied, Unreadable, 0, cancellation));
        }

        _remarks.Add(new BackupRemark(file.Name, $"was copied as it is, because it can't be read: {why.Message}", IsLoss: true));
    }

    private static bool IsLocked(SqliteException e) => e.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_PROTOCOL;

    // What the source gives is read; whatever else fails is where the copy is written.
    private static bool IsOfTheTarget(SqliteException e) =>
        e.SqliteErrorCode is raw.SQLITE_FULL or raw.SQLITE_NOMEM
        || (e.SqliteErrorCode == raw.SQLITE_IOERR
            && e.SqliteExtendedErrorCode is not (raw.SQLITE_IOERR or raw.SQLITE_IOERR_READ or raw.SQLITE_IOERR_SHORT_READ));

    private string Now() => Timestamps.ToText(Timestamps.ToNanos(clock.GetUtcNow()));
}
