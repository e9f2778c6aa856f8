using Collector.Model;
using Collector.Storage.Sqlite.Sealing;
using Collector.Storage.Sqlite.Segments;

namespace Collector.Storage.Sqlite.Retention;

/// <summary>
/// Deletes the segments that the rules let go. A segment leaves in steps: it is taken off the list, the queries that read
/// it end, its file is renamed, emptied and unlinked.
/// </summary>
/// <param name="folder">Of the segments.</param>
/// <param name="catalog">Their list.</param>
/// <param name="sealing">Gives up what is to be deleted.</param>
/// <param name="policy">The rules.</param>
/// <param name="otherBytes">What else counts against the quota, in bytes.</param>
/// <param name="wake">Set when the last query that read a leaving segment has ended.</param>
/// <param name="clock">Says when a segment was deleted.</param>
/// <param name="log">Says what was deleted.</param>
internal sealed partial class SegmentRetention(
    string folder, Catalog catalog, SealingQueue sealing, RetentionPolicy policy, Func<long> otherBytes, AutoResetEvent wake,
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

    /// <summary>Applies the rules.</summary>
    /// <param name="unlistedBytes">Of segments that are not in the catalog yet.</param>
    public void Expire(long unlistedBytes = 0)
    {
        lock (_gate)
        {
            if (policy.NoteTime())
            {
                LogClockJumped(log, policy.PausedUntil is { } until ? Timestamps.ToText(Timestamps.ToNanos(until)) : "");
            }

            // Those that leave count as gone, also while a query still reads them.
            foreach (var (segment, rule) in policy.Decide(catalog.Segments, otherBytes() + unlistedBytes).ToArray())
            {
                TakeOff(segment, rule);
            }

            _leaving.RemoveAll(TryDelete);
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
            var retention = new RetentionReport(Nanos(policy.LastPass), Nanos(policy.PausedUntil), _removed, [.. _recent]);
            var bytes = segments.Sum(static s => s.Bytes) + LeavingBytes();
            return new StorageReport(segments, bytes, otherBytes(), new DriveInfo(folder).AvailableFreeSpace, retention)
            {
                Unreadable = [.. catalog.Unreadable.Select(static f => new UnreadableReport(
                    f.Name, f.Reason, f.Error, f.FromNanos, f.ToNanos, f.Rows, f.FoundNanos))],
            };
        }
    }

    /// <summary>Deletes what a crash left of a deletion.</summary>
    /// <exception cref="IOException">A file can't be deleted.</exception>
    public void DeleteLeftovers()
    {
        foreach (var path in Directory.EnumerateFiles(folder, "*" + DeletedSuffix))
        {
            Empty(path);
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

        _removed = new RemovedTotal(_removed.Segments + 1, _removed.Rows + removed.Segment.Rows, _removed.Bytes + removed.Segment.Bytes);
        _recent.AddFirst(removed);
        if (_recent.Count > MaxRecent)
        {
            _recent.RemoveLast();
        }

        LogDeleted(log, removed.Segment.Name, removed.Segment.Rows, removed.Segment.Bytes, removed.Rule);
        return true;
    }

    // Renamed first: a crash in the middle must leave no segment that looks damaged.
    private static void Delete(string path)
    {
        foreach (var part in SegmentFile.Parts.Where(part => File.Exists(path + part)))
        {
            File.Move(path + part, path + part + DeletedSuffix, overwrite: true);
            Empty(path + part + DeletedSuffix);
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

    private static string Names(RetentionRule rule) => rule == RetentionRule.Age ? "age" : "bytes";

    private static ulong? Nanos(DateTimeOffset? time) => time is { } at ? Timestamps.ToNanos(at) : null;

    [LoggerMessage(LogLevel.Information, "{Segment} is deleted by the rule of {Rule}: {Rows} rows, {Bytes} bytes")]
    private static partial void LogDeleted(ILogger log, string segment, long rows, long bytes, string rule);

    [LoggerMessage(LogLevel.Error, "{Path} could not be deleted; the next pass tries again")]
    private static partial void LogNotDeleted(ILogger log, string path, Exception error);

    [LoggerMessage(LogLevel.Error, "The clock has jumped ahead: no segment is deleted for its age before {Until}")]
    private static partial void LogClockJumped(ILogger log, string until);
}
