using System.Diagnostics.CodeAnalysis;
using Collector.Model;
using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Sealing;
using Collector.Storage.Sqlite.Segments;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Sqlite.Salvage;

/// <summary>
/// Saves what can be read of a damaged segment into a file of its own, which takes its place with the same number and rowids
/// and is sealed like any other. What can't be read is handed on as a loss. One thread calls it.
/// </summary>
internal sealed partial class Salvager(
    string folder, SegmentFactory factory, Catalog catalog, SealingQueue sealing, Damages damages, StoreLosses losses, TimeProvider clock, ILogger log)
{
    private readonly SalvageFiles _files = new(folder, clock, log);

    /// <summary>Ends what a kill cut short; call it before the segments are listed.</summary>
    /// <exception cref="IOException">A file can't be renamed or deleted.</exception>
    public void Recover()
    {
        foreach (var (path, gaps) in _files.Recover())
        {
            if (File.Exists(path) && gaps.All(static gap => gap.Reason == "missing"))
            {
                _files.Forget(path); // It is back.
                continue;
            }

            losses.Add(new StoreLoss(gaps), () => _files.Forget(path));
        }
    }

    /// <summary>Saves all that waits. Does not throw: what can't be saved now is tried again at the next pass.</summary>
    public void Run(Func<bool> isStopping)
    {
        while (!isStopping() && damages.TryTake(out var damaged))
        {
            TrySave(damaged, isStopping);
        }
    }

    /// <summary>
    /// Saves, before the store is closed, what has no name any more and would be gone with its handle, and closes the rest.
    /// </summary>
    public void Finish()
    {
        damages.Retry();
        while (damages.TryTake(out var damaged))
        {
            if (damaged.Connection is { } connection && !File.Exists(damaged.Segment.Path))
            {
                TrySave(damaged, static () => false);
            }
            else
            {
                damaged.Connection?.Dispose();
                NoteMissing(damaged.Segment);
            }
        }
    }

    // At the next start nobody would know that it was ever there.
    private static void NoteMissing(Segment segment)
    {
        if (!File.Exists(segment.Path) && Directory.Exists(Path.GetDirectoryName(segment.Path)))
        {
            SalvageFiles.Note(segment.Path, [new Gap(Gap.UnknownWorker, segment.FirstTimestamp, segment.LastTimestamp, segment.Rows, "missing")]);
        }
    }

    /// <summary>Saves a file that could not even be listed.</summary>
    /// <exception cref="IOException">The folder can't be written.</exception>
    /// <exception cref="SqliteException">The new file can't be written.</exception>
    public void SaveUnlisted(SegmentName name, string error)
    {
        var path = factory.PathOf(name);
        LogUnlisted(log, path, error);
        SqliteConnection? source = null;
        try
        {
            source = TryOpen(path) ?? FirstPage.TryOpen(path, name);
            if (Copy(new SalvageSource(name, path, source)) is { } saved)
            {
                catalog.Add(saved);
            }
        }
        finally
        {
            source?.Dispose();
            FirstPage.Clear(path);
        }
    }

    /// <summary>Mends WALs that a bad frame cuts; returns what was wrong, by segment. Call it before the segments are opened.</summary>
    /// <exception cref="IOException">A WAL can't be read, or another can't be written.</exception>
    public IReadOnlyDictionary<SegmentName, WalDamage> RepairWals(IEnumerable<SegmentName> names)
    {
        var wals = new CutWal(wal => AsideFile.NewPath(wal, clock.GetUtcNow()), log);
        return (from name in names
                let damage = wals.Repair(factory.PathOf(name), SegmentWriter.PageSize)
                where damage is not null
                select (name, damage)).ToDictionary();
    }

    /// <summary>Says what a WAL's damage has cost. Call it when the segment is open.</summary>
    /// <exception cref="IOException">The loss can't be written down.</exception>
    public void Tell(Segment segment, WalDamage damage)
    {
        if (damage.LostFrames > 0)
        {
            // What went with the WAL's end are the last rows, and the accounts that counted them.
            var last = segment.Rows > 0 ? segment.LastArrivalNanos : segment.CreatedNanos;
            IReadOnlyList<Gap> gaps = [new Gap(Gap.UnknownWorker, last, Math.Max(last, Timestamps.ToNanos(damage.WrittenAt)), 0, "damaged")];
            SalvageFiles.Note(segment.Path, gaps);
            losses.Add(new StoreLoss(gaps), () => _files.Forget(segment.Path));
        }

        if (damage.Error is { } error)
        {
            // What only the bad frames held is missing in the middle: the rest goes into a file of its own.
            damages.Found(segment, SqliteErrors.Damage(error));
        }
    }

    private void TrySave(DamagedSegment damaged, Func<bool> isStopping)
    {
        try
        {
            Save(damaged, isStopping);
        }
        catch (OperationCanceledException)
        {
            damages.Postpone(damaged);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            LogNotSaved(log, damaged.Segment.Path, e);
            damages.Postpone(damaged);
        }
    }

    private void Save(DamagedSegment damaged, Func<bool> isStopping)
    {
        var segment = damaged.Segment;
        if (!catalog.Segments.Contains(segment) || !sealing.TryWithdraw(segment))
        {
            // Retention was first, or another has saved it.
            damaged.Connection?.Dispose();
            catalog.Unmark(segment.Name.ToString());
            return;
        }

        var code = 0;
        var reader = damaged.Connection is null && TryRent(segment, out var rented, out code) ? rented : null;
        try
        {
            if (damaged.Connection is null && !SqliteErrors.IsDamage(code) && IsAway(damaged, reader))
            {
                return;
            }

            var saved = Copy(new SalvageSource(segment.Name, segment.Path, damaged.Connection ?? reader?.Connection) { Segment = segment, IsStopping = isStopping });
            Replace(segment, saved);
        }
        finally
        {
            if (reader is not null)
            {
                segment.Readers.Discard(reader);
            }
        }

        damaged.Connection?.Dispose();
    }

    // What is not there, or can't be opened, is not given up: a disk may be mounted again, a right be given back.
    private bool IsAway(DamagedSegment damaged, SegmentReader? reader)
    {
        if (reader is null)
        {
            damages.Postpone(damaged);
            return true;
        }

        if (damaged.IsAway && File.Exists(damaged.Segment.Path))
        {
            damaged.Segment.IsDamaged = false;
            catalog.Unmark(damaged.Segment.Name.ToString());
            LogBack(log, damaged.Segment.Path);
            return true;
        }

        return false;
    }

    private void Replace(Segment old, Segment? saved)
    {
        if (saved is null)
        {
            catalog.Remove(old);
        }
        else
        {
            catalog.Replace(old, saved);
            old.ReplacedBy = saved;
            sealing.Enqueue(saved, connection: null);
        }

        old.Readers.Retire();
    }

    // 1. What can be read, into a new file. 2. What is lost, into a note. 3. The names. Null where nothing could be saved.
    private Segment? Copy(SalvageSource from)
    {
        SalvageFiles.Clear(from.Path);
        FileSync.Default.CreateFolder(folder);
        var lost = new LostRows();
        var failure = default(SqliteException);
        Segment? saved = null;
        var expected = from.Expected();
        if (from.Connection is { } source)
        {
            var fresh = SalvageFiles.NewPathOf(from.Path);
            using (var target = SegmentWriter.Create(fresh, from.Name, from.CreatedNanos(clock), StoreMemory.Empty))
            {
                var copy = new SalvagedRows(source, target, from.IsStopping);
                copy.CopyRows(expected.LastRow, lost);
                copy.CopyBeside();
                failure = copy.Failure;
                using (var reader = Connections.OpenReader(fresh))
                {
                    saved = factory.Create(from.Name, SegmentDescription.Read(reader, from.Name));
                }

                HotIndexFill.Run(target, saved, saved.Feed!, from.IsStopping);
                target.CheckpointTruncate();
            }

            if (SegmentFile.HasWal(fresh))
            {
                throw new IOException($"{fresh} could not be written whole");
            }
        }

        var gaps = lost.ToGaps(Math.Max(expected.Rows, lost.Rows), Math.Max(expected.LastRow, lost.LastRow), from.KeptFigures(), from.Range, "damaged");
        if (gaps.Count == 0 && from.Segment is null && lost.Rows == 0)
        {
            // Nobody knows how many rows it held, or of whom.
            gaps = [new Gap(Gap.UnknownWorker, from.Range.From, from.Range.To, 0, "damaged")];
        }

        SalvageFiles.Note(from.Path, gaps);
        if (lost.Rows == 0)
        {
            saved = null;
            SalvageFiles.ClearNew(from.Path);
        }

        var aside = _files.Swap(from.Path);
        LogSaved(log, from.Path, lost.Rows, gaps.Sum(static gap => gap.Count), aside ?? "gone", failure?.Message);
        Tell(from, gaps, failure?.Message);
        return saved;
    }

    // Until the loss is kept with the data, the mark says it.
    private void Tell(SalvageSource from, IReadOnlyList<Gap> gaps, string? error)
    {
        var (name, path) = (from.Name.ToString(), from.Path);
        if (gaps.Count == 0)
        {
            catalog.Unmark(name);
            return;
        }

        catalog.Remark(new UnreadableFile(
            name, "damaged", error ?? "", gaps.Min(static gap => gap.FromNanos), gaps.Max(static gap => gap.ToNanos), gaps.Sum(static gap => gap.Count),
            Timestamps.ToNanos(clock.GetUtcNow())));
        losses.Add(new StoreLoss(gaps), () =>
        {
            catalog.Unmark(name);
            _files.Forget(path);
        });
    }

    private static bool TryRent(Segment segment, [NotNullWhen(true)] out SegmentReader? reader, out int code)
    {
        (reader, code) = (null, 0);
        try
        {
            return segment.Readers.TryRent(out reader);
        }
        catch (SqliteException e) when (SqliteErrors.IsUnreadable(e.SqliteExtendedErrorCode))
        {
            code = e.SqliteExtendedErrorCode;
            return false;
        }
    }

    private static SqliteConnection? TryOpen(string path)
    {
        SqliteConnection? connection = null;
        try
        {
            connection = SegmentFile.HasWal(path) ? Connections.OpenReader(path) : Connections.OpenImmutable(path);
            _ = connection.HasTable("tail_logs");
            return connection;
        }
        catch (SqliteException e) when (SqliteErrors.IsUnreadable(e.SqliteExtendedErrorCode))
        {
            connection?.Dispose();
            return null;
        }
    }

    [LoggerMessage(LogLevel.Information, "{Path} can be read again")]
    private static partial void LogBack(ILogger log, string path);

    [LoggerMessage(LogLevel.Error, "{Path} is damaged; what can be read of it is saved now: {Error}")]
    private static partial void LogUnlisted(ILogger log, string path, string error);

    [LoggerMessage(LogLevel.Error, "{Path} was damaged: {Saved} rows are saved, {Lost} are lost and counted as dropped; the damaged file is {Aside}. {Error}")]
    private static partial void LogSaved(ILogger log, string path, long saved, long lost, string aside, string? error);

    [LoggerMessage(LogLevel.Error, "{Path} is damaged, and what can be read of it can't be saved now; it is tried again in a minute")]
    private static partial void LogNotSaved(ILogger log, string path, Exception error);
}
