namespace Collector.Pipeline.Write;

/// <summary>When a batch is written: as soon as one of these is true.</summary>
internal sealed class BatchOptions
{
    /// <summary>This many rows wait. Default 100; 1 to 100,000.</summary>
    public int MaxRows { get; set; } = 100;

    /// <summary>The oldest row has waited this long. Default 5 s; 0 to 1 min.</summary>
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A producer waits for its acknowledgement, and has done so this long. Default 5 ms; 0 to
    /// <see cref="MaxDelay"/>. Longer shares fsyncs between more producers; shorter answers a lone one sooner.
    /// </summary>
    public TimeSpan AckLinger { get; set; } = TimeSpan.FromMilliseconds(5);
}
