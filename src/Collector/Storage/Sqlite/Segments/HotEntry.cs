using Collector.Model;

namespace Collector.Storage.Sqlite.Segments;

/// <summary>What the hot index keeps of one row; no trace hash where it belongs to no trace, no request hash where it has no such id.</summary>
internal readonly record struct HotEntry(
    ulong TimestampNanos, Level Level, Kind Kind, ushort Worker, ulong CorrelationHash, ulong? TraceHash, ulong? RequestHash = null);

/// <summary>
/// What the hot index can tell of a question. Times, level and kind are exact; a row that passes by hash or worker is a
/// candidate, and only the row itself can tell.
/// </summary>
internal readonly record struct HotFilter
{
    public ulong? CorrelationHash { get; init; }

    public ulong? TraceHash { get; init; }

    public ushort? Worker { get; init; }

    public Level MinLevel { get; init; }

    public Kind? Kind { get; init; }

    /// <summary>Inclusive.</summary>
    public ulong From { get; init; }

    /// <summary>Exclusive.</summary>
    public ulong To { get; init; }

    /// <summary>Only rows up to this rowid.</summary>
    public long LastRow { get; init; }

    public bool Passes(HotBlock block, int row)
    {
        var timestamp = block.Timestamps[row];
        return timestamp >= From && timestamp < To
            && block.LevelOf(row) >= MinLevel
            && (Kind is null || block.KindOf(row) == Kind)
            && (Worker is not { } worker || block.Workers[row] == worker || block.Workers[row] == WorkerNames.Unknown);
    }
}
