namespace Collector.Pipeline.Ledger;

/// <summary>What became of a request that entered the queue.</summary>
internal enum IngestStatus
{
    /// <summary>On disk, in the store.</summary>
    Stored,

    /// <summary>On disk, in the spool, and stored when the store is back.</summary>
    Spooled,

    /// <summary>A repeat of a request that is on disk.</summary>
    Duplicate,

    /// <summary>In the queue; the producer asked for no more than that.</summary>
    Queued,

    /// <summary>Evicted, or could not be stored now; the producer is told to retry.</summary>
    Refused,

    /// <summary>The store will never take it; a retry won't help.</summary>
    Rejected,
}

/// <param name="Status">What became of it.</param>
/// <param name="Reason">English; null when all went well.</param>
internal readonly record struct IngestOutcome(IngestStatus Status, string? Reason = null)
{
    public static IngestOutcome Stored => new(IngestStatus.Stored);

    public static IngestOutcome Spooled => new(IngestStatus.Spooled);

    public static IngestOutcome Duplicate => new(IngestStatus.Duplicate);

    public static IngestOutcome Queued => new(IngestStatus.Queued);

    /// <summary>The rows will survive.</summary>
    public bool IsKept => Status is IngestStatus.Stored or IngestStatus.Spooled;

    public static IngestOutcome Refused(string reason) => new(IngestStatus.Refused, reason);

    public static IngestOutcome Rejected(string reason) => new(IngestStatus.Rejected, reason);
}
