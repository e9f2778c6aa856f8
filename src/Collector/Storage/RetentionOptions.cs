namespace Collector.Storage;

/// <summary>How long rows are kept; whole segments leave, the oldest first.</summary>
internal sealed class RetentionOptions
{
    /// <summary>Age of a segment's newest arrival. Default 7 days; 1 h to 3,650 days.</summary>
    public TimeSpan MaxAge { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Bytes of all files together. Default 0, no bound; else 16 MiB and more.</summary>
    public long MaxBytes { get; set; }
}
