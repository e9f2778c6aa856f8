namespace Collector.Hosting;

internal sealed class ShutdownOptions
{
    /// <summary>
    /// Longest time from the signal to the exit. Default 8 s, below the 10 s that container runtimes give; 100 ms to
    /// 10 min.
    /// </summary>
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(8);
}
