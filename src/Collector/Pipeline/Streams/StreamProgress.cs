namespace Collector.Pipeline.Streams;

/// <summary>How far a stream is stored.</summary>
/// <param name="Through">Every sequence up to it is on disk, or in a hole of <paramref name="Dropped"/>.</param>
/// <param name="Dropped">All that is not on disk up to there; in order.</param>
internal sealed record StreamProgress(ulong Through, IReadOnlyList<MissingRange> Dropped)
{
    /// <summary>How many ranges may be missing of a stream, for want of their sending or otherwise.</summary>
    public const int MaxHoles = HighWater.MaxHoles;

    /// <summary>Nothing came.</summary>
    public static StreamProgress Nothing { get; } = new(0, []);
}
