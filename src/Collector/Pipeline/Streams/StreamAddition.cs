namespace Collector.Pipeline.Streams;

/// <summary>What became of an event that a call brought.</summary>
public enum StreamAddition
{
    /// <summary>It is news, and its part is to store it.</summary>
    Added,

    /// <summary>It is on disk or on its way there; it was counted as a repeat.</summary>
    Repeat,

    /// <summary>It would skip or leave out more than may be missing of a stream at the same time.</summary>
    TooManyHoles,
}
