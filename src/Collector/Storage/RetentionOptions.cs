namespace Collector.Storage;

/// <summary>How long rows are kept; whole segments leave, the oldest first.</summary>
internal sealed class RetentionOptions
{
    /// <summary>What <c>none</c> sets <see cref="MaxBytes"/> to.</summary>
    public const long NoBound = long.MaxValue;

    /// <summary>Age of a segment's newest arrival. Default 7 days; 1 h to 3,650 days.</summary>
    public TimeSpan MaxAge { get; set; } = TimeSpan.FromDays(7);

    /// <summary>
    /// Bytes of all files together: 16 MiB and more. Default 0: 80 % of what the folder holds and what is free on its disk;
    /// <see cref="NoBound"/>: no bound. Whatever it says, the oldest segment leaves before the disk is full.
    /// </summary>
    public long MaxBytes { get; set; }
}
