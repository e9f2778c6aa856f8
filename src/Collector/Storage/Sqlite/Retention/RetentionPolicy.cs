using Collector.Model;
using Collector.Storage.Sqlite.Segments;

namespace Collector.Storage.Sqlite.Retention;

/// <summary>
/// Decides what leaves; no files and no threads. Age is never decided by the wall clock alone. If the time on the wall ran
/// more than an hour ahead of the counter since the last pass, or a start finds the newest arrival more than a day away, age
/// counts for nothing for an hour. And a file is no older than any before it: see <see cref="AgesOf"/>.
/// </summary>
internal sealed class RetentionPolicy(SqliteStoreOptions store, StoreSpace space, TimeProvider clock)
{
    private static readonly TimeSpan _jump = TimeSpan.FromHours(1);
    private static readonly TimeSpan _farAway = TimeSpan.FromDays(1);
    private static readonly TimeSpan _pause = TimeSpan.FromHours(1);

    // Some file systems give back the room of a deleted file only later: meanwhile no other may go for want of it.
    private static readonly TimeSpan _untilFreed = TimeSpan.FromMinutes(1);

    // Before Collector was written no clock was right.
    private static readonly ulong _first = Timestamps.ToNanos(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private readonly RetentionOptions _rules = store.Retention;
    private (DateTimeOffset Wall, long Counter)? _lastPass;
    private long? _pausedAt;
    private (long Since, long Free)? _awaited;

    /// <summary>When age counts again, by the wall; null while it counts.</summary>
    public DateTimeOffset? PausedUntil =>
        _pausedAt is { } since && clock.GetElapsedTime(since) < _pause ? clock.GetUtcNow() + _pause - clock.GetElapsedTime(since) : null;

    public DateTimeOffset? LastPass => _lastPass?.Wall;

    /// <summary>Looks at the clock at the start; true where it is far from the newest arrival.</summary>
    /// <param name="newestArrival">Nanoseconds since 1970; zero where nothing has arrived.</param>
    public bool NoteStart(ulong newestArrival)
    {
        var now = Timestamps.ToNanos(clock.GetUtcNow());
        var away = now > newestArrival ? now - newestArrival : newestArrival - now;
        var isFar = newestArrival > 0 && away > (ulong)_farAway.Ticks * 100;
        _pausedAt = isFar ? clock.GetTimestamp() : null;
        return isFar;
    }

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

    /// <summary>Which of the files leave, and by which rule; what is appended to stays.</summary>
    /// <param name="kept">Oldest first.</param>
    /// <param name="otherBytes">What counts against the quota besides them.</param>
    /// <param name="disk">As it is now; null where it can't be asked.</param>
    public IEnumerable<(Kept Leaving, RetentionRule Rule)> Decide(IReadOnlyList<Kept> kept, long otherBytes, DiskSpace? disk)
    {
        // The time that was looked at: a clock that jumps behind that look must not be believed.
        var now = LastPass ?? clock.GetUtcNow();
        var oldest = Timestamps.ToNanos(now - _rules.MaxAge);
        var isPaused = PausedUntil is not null;
        var ages = AgesOf(kept, Timestamps.ToNanos(now));
        var bytes = kept.Sum(static file => file.Bytes) + otherBytes + GrowthOf(kept);
        var wanted = WantedOf(kept, disk);
        for (var i = 0; i < kept.Count; i++)
        {
            RetentionRule? rule = kept[i].IsAppendedTo ? null
                : !isPaused && ages[i] < oldest ? RetentionRule.Age
                : bytes > space.MaxBytes ? RetentionRule.Bytes
                : wanted > 0 ? RetentionRule.Space
                : null;
            if (rule is { } cut)
            {
                bytes -= kept[i].Bytes;
                wanted -= kept[i].Bytes;
                yield return (kept[i], cut);
            }
        }
    }

    /// <summary>So many bytes are being deleted for want of room: no more go until the disk shows it.</summary>
    public void Awaits(long bytes, long freeBefore) => _awaited = (clock.GetTimestamp(), freeBefore + (bytes / 2));

    /// <summary>
    /// From when a file's age counts: its last arrival, or that of a file before it, which can't be younger (the clock was
    /// back). Arrivals of the future, and those of 1970, are of a wrong clock: such a file is no older than the next one.
    /// </summary>
    internal static ulong[] AgesOf(IReadOnlyList<Kept> kept, ulong now)
    {
        var ages = new ulong[kept.Count];
        var latest = 0UL;
        for (var i = 0; i < ages.Length; i++)
        {
            latest = IsRight(kept[i], now) ? Math.Max(latest, kept[i].LastArrivalNanos) : latest;
            ages[i] = latest;
        }

        // Nothing is known of the last: it stays.
        var next = ulong.MaxValue;
        for (var i = ages.Length - 1; i >= 0; i--)
        {
            next = IsRight(kept[i], now) ? ages[i] : next;
            ages[i] = next;
        }

        return ages;
    }

    private static bool IsRight(in Kept file, ulong now) => file.LastArrivalNanos >= _first && file.LastArrivalNanos <= now;

    // The newest counts as full, with its WAL, since it will be before it is looked at again. What the bound leaves free on
    // the disk is enough for that where it is the disk's.
    private long GrowthOf(IReadOnlyList<Kept> kept) =>
        space.IsDerived || kept is not [.., { IsAppendedTo: true } newest] ? 0
            : Math.Max(0, space.MaxSegment + (space.MaxWal ?? 0) - newest.Bytes);

    // Bytes that have to become free before the disk is too full to write.
    private long WantedOf(IReadOnlyList<Kept> kept, DiskSpace? disk)
    {
        if (disk is not { } now)
        {
            return 0;
        }

        if (_awaited is { } awaited && now.Free < awaited.Free && clock.GetElapsedTime(awaited.Since) < _untilFreed)
        {
            return 0;
        }

        _awaited = null;
        var nextSeal = StoreSpace.SealOf(kept.FirstOrDefault(static file => file.IsUnsealed).Bytes);
        return StoreSpace.NearFloor(StoreSpace.FloorOf(now, nextSeal)) - now.Free;
    }
}

/// <summary>A file as retention looks at it.</summary>
/// <param name="Number">Of the segment; they are in this order.</param>
/// <param name="Bytes">On disk.</param>
/// <param name="LastArrivalNanos">Latest receipt of a row, nanoseconds since 1970; of one without rows, when it was begun.</param>
/// <param name="IsUnsealed">It is to be sealed, which takes room.</param>
/// <param name="IsAppendedTo">It is the newest.</param>
internal readonly record struct Kept(int Number, long Bytes, ulong LastArrivalNanos, bool IsUnsealed = false, bool IsAppendedTo = false)
{
    /// <summary>What it is; one of the two.</summary>
    public Segment? Segment { get; init; }

    /// <inheritdoc cref="Segment"/>
    public AsideFile? Aside { get; init; }
}

internal enum RetentionRule
{
    /// <summary>Older than <see cref="RetentionOptions.MaxAge"/>.</summary>
    Age,

    /// <summary>Beyond <see cref="RetentionOptions.MaxBytes"/>.</summary>
    Bytes,

    /// <summary>The disk is nearly full.</summary>
    Space,
}
