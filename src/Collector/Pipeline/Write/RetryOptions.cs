namespace Collector.Pipeline.Write;

/// <summary>How often a write that failed for a passing reason is tried again.</summary>
internal sealed class RetryOptions
{
    /// <summary>Retries after the first attempt. Default 3; 0 to 20.</summary>
    public int Attempts { get; set; } = 3;

    /// <summary>Pause before the first retry; doubles each time, with jitter. Default 100 ms; 1 ms to 1 min.</summary>
    public TimeSpan BaseDelay { get; set; } = TimeSpan.FromMilliseconds(100);
}
