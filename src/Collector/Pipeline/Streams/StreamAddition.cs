namespace Collector.Pipeline.Streams;

/// <summary>What became of an event that a call brought.</summary>
internal enum StreamAddition
{
    /// <summary>It is news, and its part is to store it.</summary>
    Added,

    /// <summary>It is on disk or on its way there; it was counted as a repeat.</summary>
    Repeat,

    /// <summary>As much of the stream is missing as may be, and it fills none of that from its ends.</summary>
    TooManyHoles,
}
