using Collector.Model;
using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Segments;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Sqlite.Spool;

/// <summary>
/// The spool as one SQLite file, <c>spool.db</c>. A file that can't be trusted any more (its sync failed, or a page of it is
/// damaged) is given up: what was acknowledged and can be read is copied into a new one, which takes its name when it is
/// complete and synced, and the old one is set aside. Until that succeeds nothing is added, but reading goes on.
/// </summary>
internal sealed partial class SqliteSpool : ISpoolStore
{
    private const string Name = "spool.db";
    private const string NewSuffix = ".new";

    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _tidyEvery = TimeSpan.FromMinutes(1);

    private readonly string _folder;
    private readonly string _path;
    private readonly long _maxBytes;
    private readonly FolderLock _held;
    private readonly SetAsideFolder _aside;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly List<SpooledRequest> _lost = [];

    // Null where not even a new file can be had.
    private SpoolDatabase? _file;
    private string? _givenUp;
    private long? _triedAt;
    private long _tidiedAt;
    private long _last;

    // Of requests that wait.
    private long _bytes;

    private SqliteSpool(string folder, long maxBytes, TimeSpan maxAge, FolderLock held, TimeProvider clock, ILogger log)
    {
        (_folder, _maxBytes, _held, _clock, _log) = (folder, maxBytes, held, clock, log);
        _path = Path.Combine(folder, Name);
        _aside = new SetAsideFolder(folder, maxAge, clock, log);
        _tidiedAt = clock.GetTimestamp();
    }

    /// <inheritdoc/>
    public long Bytes => Volatile.Read(ref _bytes) + _aside.Bytes;

    /// <inheritdoc/>
    public int SetAside => _aside.Count;

    /// <summary>Opens the spool of a folder, creating what is missing. Whatever the files in it are, it opens.</summary>
    /// <param name="folder">One Collector at a time.</param>
    /// <param name="maxBytes">Bytes that may wait there.</param>
    /// <param name="maxAge">How long what is set aside is kept.</param>
    /// <param name="clock">The one source of time.</param>
    /// <param name="log">Says what was set aside.</param>
    /// <exception cref="SpoolInUseException">Another process has it; nothing was touched.</exception>
    /// <exception cref="IOException">The folder can't be made or read.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder belongs to somebody else.</exception>
    public static SqliteSpool Open(string folder, long maxBytes, TimeSpan maxAge, TimeProvider clock, ILogger log)
    {
        folder = Path.GetFullPath(folder);
        FileSync.Default.CreateFolder(folder);
        var held = FolderLock.TryTake(folder, "spool") ?? throw new SpoolInUseException(folder, FolderLock.HolderOf(folder, "spool"));
        var spool = new SqliteSpool(folder, maxBytes, maxAge, held, clock, log);
        spool.OpenFile();
        return spool;
    }

    /// <inheritdoc/>
    public SpoolMemory? Recall()
    {
        SpoolMemory? memory = null;
        TryRestore(out _);
        Try(file =>
        {
            var requests = new List<SpooledRequest>();
            for (var head = file.ReadHead(0); head is not null; head = file.ReadHead(head.Position))
            {
                requests.Add(head);
            }

            memory = new SpoolMemory(requests, file.ReadAccounts(), file.ReadGaps());
        });
        return memory;
    }

    /// <inheritdoc/>
    public bool HasRoomFor(long bytes, out string? error)
    {
        var used = 0L;
        Try(file => used = file.UsedBytes);
        if (used + _aside.Bytes + bytes > _maxBytes)
        {
            _aside.ShrinkTo(Math.Max(0, _maxBytes - used - bytes));
        }

        error = used + bytes > _maxBytes ? $"the spool is full (Spool:MaxBytes is {_maxBytes})" : null;
        return error is null;
    }

    /// <inheritdoc/>
    public bool TryAppend(IReadOnlyList<SpoolEntry> entries, out string? error)
    {
        var numbered = new List<SpoolEntry>(entries.Count);
        foreach (var entry in entries)
        {
            numbered.Add(entry with { Request = entry.Request with { Position = _last + numbered.Count + 1 } });
        }

        if (!TryWrite(file => file.Append(numbered), out error))
        {
            return false;
        }

        _last += numbered.Count;
        return true;
    }

    /// <inheritdoc/>
    public bool TryKeep(IReadOnlyList<AccountRecord> accounts, IReadOnlyList<Gap> gaps, out string? error) =>
        TryWrite(file => file.Keep(accounts, gaps), out error);

    /// <inheritdoc/>
    public SpoolEntry? ReadNext(long after)
    {
        SpoolEntry? next = null;
        Try(file => next = file.ReadHead(after) is { } head ? new SpoolEntry(head, file.ReadPayload(head.Position)) : null);
        return next;
    }

    /// <inheritdoc/>
    public void Done(long through)
    {
        if (_givenUp is null)
        {
            TryWrite(file => file.Delete(through), out _);
        }
    }

    /// <inheritdoc/>
    public void Reject(SpoolEntry entry, string reason) => _aside.Keep(entry.Request.Position, entry.Payload.Span, reason);

    /// <inheritdoc/>
    public IReadOnlyList<SpooledRequest> TakeLost()
    {
        SpooledRequest[] lost = [.. _lost];
        _lost.Clear();
        return lost;
    }

    /// <inheritdoc/>
    public void TidyUp()
    {
        if (_clock.GetElapsedTime(_tidiedAt) < _tidyEvery)
        {
            return;
        }

        _tidiedAt = _clock.GetTimestamp();
        _aside.Expire();
        TryWrite(static file => file.Shrink(), out _);
    }

    public void Dispose()
    {
        if (_givenUp is null)
        {
            _file?.Dispose();
        }
        else
        {
            _file?.Abandon();
        }

        _file = null;
        _held.Dispose();
    }

    private static string[] PartsOf(string path) => [.. SegmentFile.Parts.Select(part => path + part)];

    private void OpenFile()
    {
        // The old one was set aside, and the new one not yet given its name.
        if (!File.Exists(_path) && SpoolDatabase.IsComplete(_path + NewSuffix))
        {
            File.Move(_path + NewSuffix, _path);
        }

        DeleteNew();
        try
        {
            if (Directory.Exists(_path))
            {
                throw SqliteErrors.Of(SQLitePCL.raw.SQLITE_NOTADB, "it is a folder");
            }

            var damage = new CutWal(_aside.PlaceFor, _log).Repair(_path, SpoolDatabase.PageSize);
            _file = SpoolDatabase.Open(_path);
            _last = _file.LastPosition;
            _bytes = _last == 0 ? 0 : Math.Max(1, _file.UsedBytes);
            Tell(damage);
            return;
        }
        catch (SqliteException e) when (SqliteErrors.IsDamage(e.SqliteExtendedErrorCode))
        {
            // Not a statement can be run on it; what it held is lost, and nobody knows how much.
            var changed = new DateTimeOffset(File.GetLastWriteTimeUtc(_path));
            if (_aside.TryTake(PartsOf(_path), e.Message))
            {
                LoseUnknown(changed);
            }
        }
        catch (SqliteException e)
        {
            // For the moment: room or a right is missing.
            LogNotReplaced(_log, _path, e.Message);
            return;
        }

        TryBeginAnew();
    }

    // What only bad frames held, or an end that is gone, is missing without a trace: nobody knows how much that is.
    private void Tell(WalDamage? damage)
    {
        if (damage is not null)
        {
            LoseUnknown(damage.WrittenAt);
        }

        if (damage?.Error is { } error)
        {
            GiveUp(SqliteErrors.Damage(error));
        }
    }

    private void LoseUnknown(DateTimeOffset at) =>
        _lost.Add(new SpooledRequest(0, null, Timestamps.ToNanos(at), [(Gap.UnknownWorker, 1)], null));

    private bool TryWrite(Action<SpoolDatabase> write, out string? error)
    {
        if (!TryRestore(out error))
        {
            return false;
        }

        try
        {
            write(_file!);
            Volatile.Write(ref _bytes, _file!.LastPosition == 0 ? 0 : Math.Max(1, _file.UsedBytes));
            Checkpoint(_file);
            return true;
        }
        catch (SqliteException e)
        {
            error = e.Message;
            GiveUp(e);
            return false;
        }
    }

    // What was written is synced in the WAL already, and is read from there into the file that takes this one's place.
    private void Checkpoint(SpoolDatabase file)
    {
        try
        {
            file.CheckpointIfDue();
        }
        catch (SqliteException e)
        {
            GiveUp(e);
        }
    }

    // A file that can't be read is replaced by what of it can, once; then it is asked again.
    private void Try(Action<SpoolDatabase> read)
    {
        for (var attempt = 0; attempt < 2 && _file is { } file; attempt++)
        {
            try
            {
                read(file);
                return;
            }
            catch (SqliteException e)
            {
                GiveUp(e);
                if (_givenUp is null || !TryRestore(out _))
                {
                    return;
                }
            }
        }
    }

    // A write that failed for want of room is taken back, and the file is as before. After any other failure nobody knows
    // what of it is on the disk: the kernel tells an error once, and the next sync of the same file succeeds without those bytes.
    private void GiveUp(SqliteException error)
    {
        if (error.SqliteErrorCode is SQLitePCL.raw.SQLITE_FULL or SQLitePCL.raw.SQLITE_BUSY or SQLitePCL.raw.SQLITE_LOCKED or SQLitePCL.raw.SQLITE_NOMEM)
        {
            return;
        }

        if (_givenUp is null)
        {
            LogGivenUp(_log, _path, error.Message);
        }

        _givenUp = error.Message;
    }

    // True where there is a file that may be written to.
    private bool TryRestore(out string? error)
    {
        error = _givenUp;
        if (_givenUp is null && _file is not null)
        {
            return true;
        }

        if (_triedAt is { } tried && _clock.GetElapsedTime(tried) < _pause)
        {
            return false;
        }

        _triedAt = _clock.GetTimestamp();
        if (_file is null ? TryBeginAnew() : TryReplace())
        {
            (_givenUp, _triedAt, error) = (null, null, null);
            return true;
        }

        error ??= "spool.db can't be opened";
        return false;
    }

    private bool TryBeginAnew()
    {
        try
        {
            _file = SpoolDatabase.Open(_path);
            _last = Math.Max(_last, _file.LastPosition);
            _givenUp = null;
            return true;
        }
        catch (SqliteException e)
        {
            LogNotReplaced(_log, _path, e.Message);
            return false;
        }
    }

    private bool TryReplace()
    {
        try
        {
            DeleteNew();
            var lost = SpoolSalvage.CopyTo(_path + NewSuffix, _file!, Timestamps.ToNanos(_clock.GetUtcNow()));
            FileSync.Default.SyncFolder(_folder);
            _file!.Abandon();
            _file = null;
            if (!_aside.TryTake(PartsOf(_path), _givenUp!))
            {
                return TryBeginAnew();
            }

            File.Move(_path + NewSuffix, _path);
            FileSync.Default.SyncFolder(_folder);
            _lost.AddRange(lost);
            return TryBeginAnew();
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            LogNotReplaced(_log, _path, e.Message);
            return false;
        }
    }

    private void DeleteNew()
    {
        foreach (var part in PartsOf(_path + NewSuffix))
        {
            File.Delete(part);
        }
    }

    [LoggerMessage(LogLevel.Error, "{Path} is given up, nothing more is written to it; what it holds is copied to a new one: {Error}")]
    private static partial void LogGivenUp(ILogger log, string path, string error);

    [LoggerMessage(LogLevel.Error, "{Path} can't be replaced yet, which is tried again each second: {Error}")]
    private static partial void LogNotReplaced(ILogger log, string path, string error);
}
