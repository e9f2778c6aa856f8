using Collector.Model;

namespace Collector.Storage;

/// <summary>When and where a row came: the segment's number, then the row's number in it.</summary>
public readonly record struct Arrival(int Segment, long Row) : IComparable<Arrival>
{
    public static Arrival Last => new(int.MaxValue, long.MaxValue);

    public int CompareTo(Arrival other) =>
        Segment != other.Segment ? Segment.CompareTo(other.Segment) : Row.CompareTo(other.Row);
}

/// <summary>A row's place in every answer: its time, and among equals its arrival.</summary>
public readonly record struct Position(ulong TimestampNanos, Arrival Arrival) : IComparable<Position>
{
    public int CompareTo(Position other) =>
        TimestampNanos != other.TimestampNanos
            ? TimestampNanos.CompareTo(other.TimestampNanos)
            : Arrival.CompareTo(other.Arrival);
}

/// <summary>A question for rows. A filter that is null matches everything; all given ones must match.</summary>
public sealed record LogQuestion
{
    public string? CorrelationId { get; init; }

    /// <summary>32 hexadecimal digits, lower case.</summary>
    public string? TraceId { get; init; }

    public string? Worker { get; init; }

    /// <summary>This level or worse.</summary>
    public Level MinLevel { get; init; } = Level.Debug;

    /// <summary>Inclusive, nanoseconds since 1970.</summary>
    public ulong From { get; init; }

    /// <summary>Exclusive, nanoseconds since 1970.</summary>
    public ulong To { get; init; } = ulong.MaxValue;

    /// <summary>Newest first.</summary>
    public bool Descending { get; init; } = true;

    public int Limit { get; init; } = 100;

    /// <summary>Only rows behind this place, in the direction of the answer.</summary>
    public Position? After { get; init; }

    /// <summary>Only rows that arrived no later; null means: whatever has arrived when the question is asked.</summary>
    public Arrival? Watermark { get; init; }
}

/// <param name="Last">Place of the last row given; null where there was none.</param>
/// <param name="More">At least one more row matches behind it.</param>
/// <param name="Watermark">What had arrived when the question was asked; the next page's question carries it.</param>
public readonly record struct PageEnd(Position? Last, bool More, Arrival Watermark);
