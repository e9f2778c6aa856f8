namespace Collector.Storage.Sqlite.Segments;

/// <param name="Free">Bytes that this process may still write.</param>
/// <param name="Total">Bytes of the whole disk.</param>
internal readonly record struct DiskSpace(long Free, long Total)
{
    /// <summary>Null where the disk can't be asked.</summary>
    public static DiskSpace? Of(string folder)
    {
        try
        {
            var drive = new DriveInfo(folder);
            return new DiskSpace(drive.AvailableFreeSpace, drive.TotalSize);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}

/// <summary>
/// How much the folder may hold, how large its segments become, and how much of its disk stays free. The retention says what
/// the folder holds; the writer asks before each append. Where the disk can't be asked, nothing is derived from it.
/// </summary>
internal sealed class StoreSpace(SqliteStoreOptions options, TimeProvider clock)
{
    private const long MiB = 1L << 20;
    private const long Floor = 64 * MiB;

    // As a bound that an operator sets.
    private const long MinBound = 16 * MiB;

    // Smaller ones, on a small disk, would be hundreds of files.
    private const long MinDerivedSegment = 16 * MiB;

    // One question to the disk takes some microseconds; at full load there are thousands of appends a second.
    private static readonly TimeSpan _between = TimeSpan.FromMilliseconds(250);

    private readonly Func<DiskSpace?> _ask = options.AskDisk ?? (() => DiskSpace.Of(options.Path));
    private long _bound = options.Retention.MaxBytes > 0 ? options.Retention.MaxBytes : RetentionOptions.NoBound;

    // The last answer, for the writer's thread and the lifecycle's; null: never asked.
    private volatile Answer? _answer;

    /// <summary>Bytes that the folder may hold; <see cref="RetentionOptions.NoBound"/>: any number.</summary>
    public long MaxBytes => Volatile.Read(ref _bound);

    /// <summary>Bytes of a full segment: a tenth of the bound at most, so that deleting one is a small step.</summary>
    public long MaxSegment => Math.Min(options.SegmentBytes,
        options.Retention.MaxBytes > 0 ? MaxBytes / 10 : Math.Max(MaxBytes / 10, MinDerivedSegment));

    /// <summary>Bytes of a WAL where the bound is so small that the default counts; else null.</summary>
    public long? MaxWal => MaxSegment < SqliteStoreOptions.DefaultWal ? MaxSegment : null;

    /// <summary>The bound is not the operator's but the disk's.</summary>
    public bool IsDerived => options.Retention.MaxBytes == 0;

    /// <summary>The disk as it is now; null where it can't be asked.</summary>
    public DiskSpace? Ask()
    {
        var disk = _ask();
        _answer = new Answer(disk, clock.GetTimestamp());
        return disk;
    }

    /// <summary>Asks the disk, and derives from it what is not set.</summary>
    /// <param name="heldBytes">What the folder holds, with all that counts.</param>
    public DiskSpace? Derive(long heldBytes)
    {
        var disk = Ask();
        if (IsDerived)
        {
            Volatile.Write(ref _bound, disk is { } now ? Math.Max(MinBound, (heldBytes + now.Free) / 5 * 4) : RetentionOptions.NoBound);
        }

        return disk;
    }

    /// <summary>
    /// Bytes that stay free: 64 MiB, or what the next seal takes; a tenth of the disk at most, since a store that is alone on a
    /// small disk would else refuse rows for the sake of a seal that never comes.
    /// </summary>
    public static long FloorOf(DiskSpace disk, long nextSealBytes) => Math.Min(disk.Total / 10, Math.Max(Floor, nextSealBytes));

    /// <summary>
    /// Room that sealing takes: its indexes once in the WAL and once in the file, and the largest of them sorted beside it.
    /// </summary>
    public static long SealOf(long segmentBytes) => segmentBytes;

    /// <summary>Below it the oldest segment leaves, so that nobody is refused.</summary>
    public static long NearFloor(long floor) => floor + (floor / 2);

    /// <summary>Whether nothing may be written now, whatever is to be sealed.</summary>
    public bool IsBelowFloor => RoomFor(0).IsBelowFloor;

    /// <summary>How the disk is, as it was a moment ago at most. For the writer's thread.</summary>
    public Room RoomFor(long nextSealBytes)
    {
        var disk = _answer is { } last && clock.GetElapsedTime(last.At) < _between ? last.Disk : Ask();
        if (disk is not { } now)
        {
            return default;
        }

        var floor = FloorOf(now, nextSealBytes);
        return new Room(IsNearFloor: now.Free < NearFloor(floor), IsBelowFloor: now.Free < floor, now.Free, floor);
    }

    private sealed record Answer(DiskSpace? Disk, long At);
}

/// <param name="IsNearFloor">The oldest segment should leave.</param>
/// <param name="IsBelowFloor">Nothing may be written.</param>
/// <param name="Free">Bytes.</param>
/// <param name="Floor">Bytes that stay free.</param>
internal readonly record struct Room(bool IsNearFloor, bool IsBelowFloor, long Free, long Floor);
