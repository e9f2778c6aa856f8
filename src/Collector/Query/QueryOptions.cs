namespace Collector.Query;

/// <summary>Bounds of one question.</summary>
internal sealed class QueryOptions
{
    /// <summary>Longest time a question may take. Default 10 s; 10 ms to 10 min.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);
}
