namespace Collector.Model;

/// <summary>What is stored of a stream beside its rows, so that an event that is sent again is recognised.</summary>
/// <param name="StreamId">What its producer calls the stream.</param>
/// <param name="HighWater">Every sequence up to it is stored, but for the holes.</param>
/// <param name="Holes">Sequences below it that are not stored; in order, apart from each other.</param>
/// <param name="SeenNanos">When its last events were stored, nanoseconds since 1970.</param>
internal sealed record StreamMark(string StreamId, ulong HighWater, IReadOnlyList<SequenceRange> Holes, ulong SeenNanos)
{
    /// <summary>How long a stream is remembered after its last event.</summary>
    public static TimeSpan KeptFor => TimeSpan.FromHours(24);
}
