namespace Collector.Model;

/// <summary>When and where a row came: the segment's number, then the row's number in it.</summary>
internal readonly record struct Arrival(int Segment, long Row) : IComparable<Arrival>
{
    public static Arrival Last => new(int.MaxValue, long.MaxValue);

    public int CompareTo(Arrival other) =>
        Segment != other.Segment ? Segment.CompareTo(other.Segment) : Row.CompareTo(other.Row);
}

/// <summary>A row's place in every answer: its time, and among equals its arrival.</summary>
internal readonly record struct Position(ulong TimestampNanos, Arrival Arrival) : IComparable<Position>
{
    public int CompareTo(Position other) =>
        TimestampNanos != other.TimestampNanos
            ? TimestampNanos.CompareTo(other.TimestampNanos)
            : Arrival.CompareTo(other.Arrival);
}
