using Collector.Model;
using Collector.Storage.Sqlite.Segments;

namespace Collector.Storage.Sqlite.Retention;

/// <summary>
/// Decides which segments leave; no files and no threads. A clock that jumps ahead must not empty the store: if the
/// time on the wall ran more than an hour ahead of the counter since the last pass, age counts for nothing for an hour.
/// </summary>
internal sealed class RetentionPolicy(SqliteStoreOptions store, TimeProvider clock)
{
    private static readonly TimeSpan _jump = TimeSpan.FromHours(1);
    private static readonly TimeSpan _pause = TimeSpan.FromHours(1);

    private readonly RetentionOptions _rules = store.Retention;
    private (DateTimeOffset Wall, long Counter)? _lastPass;
    private long? _pausedAt;

    /// <summary>When age counts again, by the wall; null while it counts.</summary>
    public DateTimeOffset? PausedUntil =>
        _pausedAt is { } since && clock.GetElapsedTime(since) < _pause ? clock.GetUtcNow() + _pause - clock.GetElapsedTime(since) : null;

    public DateTimeOffset? LastPass => _lastPass?.Wall;

    /// <summary>Looks at the clocks; true where the wall has just been found to have jumped.</summary>
    public bool NoteTime()
    {
        // The counter before and after the wall: a thread held up in between must not look like a jump.
        var counter = clock.GetTimestamp();
        var wall = clock.GetUtcNow();
        var jumped = _lastPass is { } last && wall - last.Wall - clock.GetElapsedTime(last.Counter) > _jump;
        _lastPass = (wall, counter);
        if (jumped)
        {
            _pausedAt = clock.GetTimestamp();
        }

        return jumped;
    }

    /// <summary>The rule by which each of the oldest segments leaves; the newest one, which is appended to, stays.</summary>
    /// <param name="segments">Oldest first.</param>
    /// <param name="otherBytes">What counts against the quota besides them.</param>
    public IEnumerable<(Segment Segment, RetentionRule Rule)> Decide(IReadOnlyList<Segment> segments, long otherBytes)
    {
        // The newest counts as full, with its WAL, since it will be before it is looked at again.
        var full = store.MaxSegment + (store.MaxWal ?? 0);
        var growth = segments is [.., var newest] ? Math.Max(0, full - newest.Bytes) : 0;
        var bytes = segments.Sum(static segment => segment.Bytes) + otherBytes + growth;
        // The time that was looked at: a clock that jumps behind that look must not be believed.
        var oldest = Timestamps.ToNanos((LastPass ?? clock.GetUtcNow()) - _rules.MaxAge);
        var isPaused = PausedUntil is not null;
        foreach (var segment in segments.SkipLast(1))
        {
            RetentionRule? rule = !isPaused && segment.LastArrivalNanos < oldest ? RetentionRule.Age
                : _rules.MaxBytes > 0 && bytes > _rules.MaxBytes ? RetentionRule.Bytes
                : null;
            if (rule is { } cut)
            {
                bytes -= segment.Bytes;
                yield return (segment, cut);
            }
        }
    }
}

internal enum RetentionRule
{
    Age,
    Bytes,
}
