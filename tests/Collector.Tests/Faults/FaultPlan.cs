using Collector.Tests.Faults.Disk;

namespace Collector.Tests.Faults;

/// <summary>What a sequence goes through, by its seed alone: sizes, faults, and how it ends.</summary>
internal sealed record FaultPlan
{
    private const int MostOperations = 600;

    // Some files are met by few operations only.
    private static readonly (string Files, int Operations)[] _files =
    [
        ("segment-*.db-wal", MostOperations), ("segment-*.db", 120), ("segment-*.db-journal", 12), ("segment-*.db-shm", 12),
        ("segment-000001.db*", 300), ("segment-000002.db*", 60), ("segment-000003.db*", 60),
        ("spool.db*", 60), ("*", MostOperations),
    ];

    private static readonly DiskOperation[] _operations =
    [
        DiskOperation.Write, DiskOperation.Write, DiskOperation.Sync, DiskOperation.Sync, DiskOperation.Open, DiskOperation.Truncate,
        DiskOperation.Delete, DiskOperation.Read, DiskOperation.MapIndex,
    ];

    public int Seed { get; private init; }

    public int SegmentRows { get; private init; }

    public int Requests { get; private init; }

    public IReadOnlyList<Fault> Faults { get; private init; } = [];

    /// <summary>Faults are there before the first start, not only while it runs.</summary>
    public bool FailsFromTheStart { get; private init; }

    public SequenceEnd End { get; private init; }

    public static FaultPlan Of(int seed)
    {
        var random = new Random(seed);
        return new FaultPlan
        {
            Seed = seed,
            SegmentRows = random.Next(20, 120),
            Requests = random.Next(6, 14),
            FailsFromTheStart = random.Next(4) == 0,
            Faults = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Some(random))],
            End = (SequenceEnd)random.Next(4),
        };
    }

    public override string ToString() =>
        $"seed {Seed}: segments of {SegmentRows} rows, {Requests} requests of each producer, {End}, "
        + $"{(FailsFromTheStart ? "from the start" : "while it runs")}: {string.Join("; ", Faults)}";

    private static Fault Some(Random random)
    {
        var (files, operations) = _files[random.Next(_files.Length)];
        var operation = _operations[random.Next(_operations.Length)];
        var action = random.Next(10) switch
        {
            < 5 => FaultAction.Fail,
            5 => operation == DiskOperation.Write ? FaultAction.Tear : FaultAction.Fail,
            6 => FaultAction.Delay,
            7 => FaultAction.Kill,
            8 => FaultAction.KillWithin,
            _ => FaultAction.LosePower,
        };
        return new Fault(operation, files, action)
        {
            After = random.Next(operation is DiskOperation.Write or DiskOperation.Read ? operations : Math.Max(4, operations / 10)),
            Times = random.Next(4) switch { 0 => 1, 1 => random.Next(2, 6), 2 => random.Next(6, 40), _ => Fault.ForEver },
            Code = operation is DiskOperation.Write or DiskOperation.Truncate && random.Next(2) == 0 ? SqliteCode.Full : 0,
        };
    }
}

/// <summary>How the run under faults ends.</summary>
internal enum SequenceEnd
{
    /// <summary>As a second signal does it, the faults still there.</summary>
    Stop,

    /// <summary>The faults end, and it goes on for some requests before it stops.</summary>
    Heal,

    Kill,
    LosePower,
}
