using Collector.Model;
using Collector.Storage.Sqlite.Sealing;
using Collector.Storage.Sqlite.Segments;

namespace Collector.Storage.Sqlite.Retention;

/// <summary>
/// Deletes the segments that the rules let go. A segment leaves in steps: it is taken off the list, the queries that read
/// it end, its file is renamed, emptied and unlinked. What was set aside leaves like them.
/// </summary>
/// <param name="folder">Of the segments.</param>
/// <param name="catalog">Their list.</param>
/// <param name="sealing">Gives up what is to be deleted.</param>
/// <param name="policy">The rules.</param>
/// <param name="space">The bound that follows from the disk.</param>
/// <param name="otherBytes">What else counts against the quota, in bytes.</param>
/// <param name="wake">Set when the last query that read a leaving segment has ended.</param>
/// <param name="clock">Says when a segment was deleted.</param>
/// <param name="log">Says what was deleted.</param>
internal sealed partial class SegmentRetention(
    string folder, Catalog catalog, SealingQueue sealing, RetentionPolicy policy, StoreSpace space, Func<long> otherBytes, AutoResetEvent wake,
    TimeProvider clock, ILogger log)
{
    private const string DeletedSuffix = ".deleted";
    private const int MaxRecent = 50;

    // A file of a gigabyte that is unlinked at once holds up the file system's journal, and with it every commit.
    private const long TruncateStep = 32L << 20;

    // Guards the rest: one thread deletes at a time, and reports see whole passes.
    private readonly Lock _gate = new();
    private readonly List<(Segment Segment, RetentionRule Rule)> _leaving = [];
    private readonly LinkedList<RemovedSegment> _recent = new();
    private RemovedTotal _removed;
    private RemovedTotal _removedEarly;
    private DiskSpace? _disk;
    private bool _isDiskSilent;

    /// <summary>Looks, at the start, whether the clock may be believed, and applies the rules for the first time.</summary>
    public void ExpireAtStart()
    {
        lock (_gate)
        {
            var newest = catalog.Segments.LastOrDefault(static segment => segment.Rows > 0)?.LastArrivalNanos ?? 0;
            if (policy.NoteStart(newest))
            {
                LogClockIsFar(log, Timestamps.ToText(newest), Text(clock.GetUtcNow()), Text(policy.PausedUntil));
            }
        }

        Expire();
    }

    /// <summary>Applies the rules.</summary>
    public void Expire()
    {
        lock (_gate)
        {
            if (policy.NoteTime())
            {
                LogClockJumped(log, Text(policy.PausedUntil));
            }

            // Those that leave count as gone, also while a query still reads them.
            var kept = WhatIsKept();
            var other = otherBytes() + UnlistedBytes();
            LookAtDisk(kept.Sum(static file => file.Bytes) + other);
            var wanting = 0L;
            foreach (var (leaving, rule) in policy.Decide(kept, other, _disk).ToArray())
            {
                wanting += rule == RetentionRule.Space ? leaving.Bytes : 0;
                TakeOff(leaving, rule);
            }

            _leaving.RemoveAll(TryDelete);
            if (wanting > 0)
            {
                policy.Awaits(wanting, _disk!.Value.Free);
            }
        }
    }

    public RemovedTotal Removed
    {
        get
        {
            lock (_gate)
            {
                return _removed;
            }
        }
    }

    public StorageReport Report()
    {
        lock (_gate)
        {
            var segments = catalog.Segments.Select(Describe).ToArray();
            var retention = new RetentionReport(Nanos(policy.LastPass), Nanos(policy.PausedUntil), _removed, _removedEarly, [.. _recent]);
            var aside = AsideFile.In(folder);
            var bytes = segments.Sum(static s => s.Bytes) + LeavingBytes() + UnlistedBytes() + aside.Sum(static a => a.Bytes);
            return new StorageReport(
                segments, bytes, otherBytes(), SpaceNow(), new AsideReport(aside.Count, aside.Sum(static a => a.Bytes)), retention)
            {
                Unreadable = [.. catalog.Unreadable.Select(static f => new UnreadableReport(
                    f.Name, f.Reason, f.Error, f.FromNanos, f.ToNanos, f.Rows, f.FoundNanos))],
            };
        }
    }

    /// <summary>Deletes what a crash left of deletions: as much of it as can be, and says what can't.</summary>
    public void DeleteLeftovers()
    {
        foreach (var path in Directory.EnumerateFiles(folder, "*" + DeletedSuffix).ToArray())
        {
            try
            {
                // Its companions were to go with it.
                Finish(path[..^DeletedSuffix.Length]);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                LogNotDeleted(log, path, e);
            }
        }
    }

    // Segments and what was set aside, by their numbers.
    private List<Kept> WhatIsKept()
    {
        var segments = catalog.Segments;
        return
        [
            .. segments.Select((segment, i) => new Kept(
                segment.Name.Number, segment.Bytes, segment.Rows > 0 ? segment.LastArrivalNanos : segment.CreatedNanos,
                segment.State != SegmentState.Sealed, IsAppendedTo: i == segments.Length - 1) { Segment = segment })
            .Concat(AsideFile.In(folder).Select(static aside =>
                new Kept(aside.Number, aside.Bytes, Timestamps.ToNanos(aside.WrittenAt)) { Aside = aside }))
            .OrderBy(static file => file.Number),
        ];
    }

    // Of those that stay where they are though they can't be used.
    private long UnlistedBytes() => catalog.Unreadable.Where(IsUnlisted).Sum(file => SegmentFile.SizeOf(Path.Combine(folder, file.Name)));

    private bool IsUnlisted(UnreadableFile file) =>
        SegmentName.TryParse(file.Name, out var name) && !catalog.Segments.Any(segment => segment.Name == name);

    private void LookAtDisk(long heldBytes)
    {
        _disk = space.Derive(heldBytes);
        if (_disk is null && !_isDiskSilent)
        {
            LogDiskSilent(log, folder);
        }

        _isDiskSilent = _disk is null;
    }

    private SpaceReport SpaceNow()
    {
        var disk = space.Ask();
        var next = catalog.Segments.FirstOrDefault(static segment => segment.State != SegmentState.Sealed)?.Bytes ?? 0;
        return new SpaceReport(
            disk?.Free ?? 0, disk is { } now ? StoreSpace.FloorOf(now, StoreSpace.SealOf(next)) : 0,
            space.MaxBytes == RetentionOptions.NoBound ? 0 : space.MaxBytes);
    }

    private void TakeOff(in Kept leaving, RetentionRule rule)
    {
        if (leaving.Segment is { } segment)
        {
            TakeOff(segment, rule);
        }
        else if (leaving.Aside is { } aside)
        {
            DeleteAside(aside, rule);
        }
    }

    private void DeleteAside(AsideFile aside, RetentionRule rule)
    {
        try
        {
            Delete(aside.Path);
            LogAsideDeleted(log, aside.Path, aside.Bytes, Names(rule));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogNotDeleted(log, aside.Path, e);
        }
    }

    private void TakeOff(Segment segment, RetentionRule rule)
    {
        if (!sealing.TryWithdraw(segment))
        {
            return; // In the middle of being sealed: the next pass takes it.
        }

        catalog.Remove(segment);
        _leaving.Add((segment, rule));
        segment.Readers.Retire(() => wake.Set());
    }

    private bool TryDelete((Segment Segment, RetentionRule Rule) leaving)
    {
        var (segment, rule) = leaving;
        if (!segment.Readers.IsFree)
        {
            return false;
        }

        var removed = new RemovedSegment(Describe(segment), Names(rule), Timestamps.ToNanos(clock.GetUtcNow()));
        try
        {
            Delete(segment.Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogNotDeleted(log, segment.Path, e);
            return false;
        }

        _removed = _removed.With(removed.Segment);
        _recent.AddFirst(removed);
        if (_recent.Count > MaxRecent)
        {
            _recent.RemoveLast();
        }

        if (rule == RetentionRule.Age)
        {
            LogDeleted(log, removed.Segment.Name, removed.Segment.Rows, removed.Segment.Bytes, removed.Rule);
        }
        else
        {
            _removedEarly = _removedEarly.With(removed.Segment);
            LogDeletedEarly(log, removed.Segment.Name, removed.Segment.Rows, removed.Segment.Bytes, removed.Rule);
        }

        return true;
    }

    // Renamed first: a crash in the middle must leave no segment that looks damaged.
    private static void Delete(string path)
    {
        File.Move(path, path + DeletedSuffix, overwrite: true);
        Finish(path);
    }

    // The file itself last: as long as it is there, a start knows that its companions are to go.
    private static void Finish(string path)
    {
        foreach (var part in SegmentFile.Parts.Skip(1).Where(part => !File.Exists(path) && File.Exists(path + part)))
        {
            Empty(path + part);
        }

        if (File.Exists(path + DeletedSuffix))
        {
            Empty(path + DeletedSuffix);
        }
    }

    private static void Empty(string path)
    {
        // A backup may have it by another name.
        if (HardLinks.IsOnlyName(path))
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Write);
            for (var left = file.Length - TruncateStep; left > 0; left -= TruncateStep)
            {
                file.SetLength(left);
            }
        }

        File.Delete(path);
    }

    private long LeavingBytes() => _leaving.Sum(static leaving => leaving.Segment.Bytes);

    private static SegmentReport Describe(Segment segment)
    {
        var isEmpty = segment.VisibleRows == 0;
        return new SegmentReport(
            segment.Name.ToString(), Names(segment.State), segment.Rows, segment.Bytes,
            isEmpty ? null : segment.FirstTimestamp, isEmpty ? null : segment.LastTimestamp,
            segment.Rows == 0 ? null : segment.FirstArrivalNanos, segment.Rows == 0 ? null : segment.LastArrivalNanos);
    }

    private static string Names(SegmentState state) => state switch
    {
        SegmentState.Hot => "hot",
        SegmentState.Sealing => "sealing",
        _ => "sealed",
    };

    private static string Names(RetentionRule rule) => rule switch
    {
        RetentionRule.Age => "age",
        RetentionRule.Bytes => "bytes",
        _ => "space",
    };

    private static string Text(DateTimeOffset? time) => time is { } at ? Timestamps.ToText(Timestamps.ToNanos(at)) : "";

    private static ulong? Nanos(DateTimeOffset? time) => time is { } at ? Timestamps.ToNanos(at) : null;

    [LoggerMessage(LogLevel.Information, "{Segment} is deleted by the rule of {Rule}: {Rows} rows, {Bytes} bytes")]
    private static partial void LogDeleted(ILogger log, string segment, long rows, long bytes, string rule);

    [LoggerMessage(LogLevel.Error, "{Path} could not be deleted; the next pass tries again")]
    private static partial void LogNotDeleted(ILogger log, string path, Exception error);

    [LoggerMessage(LogLevel.Warning, "{Segment} is deleted by the rule of {Rule}, before Retention:MaxAge: {Rows} rows, {Bytes} bytes")]
    private static partial void LogDeletedEarly(ILogger log, string segment, long rows, long bytes, string rule);

    [LoggerMessage(LogLevel.Information, "{Path}, which was damaged, is deleted by the rule of {Rule}: {Bytes} bytes")]
    private static partial void LogAsideDeleted(ILogger log, string path, long bytes, string rule);

    [LoggerMessage(LogLevel.Error, "The clock has jumped ahead: no segment is deleted for its age before {Until}")]
    private static partial void LogClockJumped(ILogger log, string until);

    [LoggerMessage(LogLevel.Error, "The newest row arrived at {Newest} and the clock says {Now}: no segment is deleted for its age before {Until}")]
    private static partial void LogClockIsFar(ILogger log, string newest, string now, string until);

    [LoggerMessage(LogLevel.Warning, "The disk of {Folder} can't be asked for its free space: no bound follows from it, and nobody is refused before it is full")]
    private static partial void LogDiskSilent(ILogger log, string folder);
}
