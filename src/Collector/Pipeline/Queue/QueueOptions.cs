namespace Collector.Pipeline.Queue;

/// <summary>The bounds of what may wait in memory for the store.</summary>
internal sealed class QueueOptions
{
    /// <summary>Requests that may wait. Default 1000; 1 to 1,000,000.</summary>
    public int Capacity { get; set; } = 1000;

    /// <summary>
    /// Bytes that may be held for requests: bodies being read, rows, built text. Default 128 MiB; 1 MiB to 64 GiB. Keep
    /// it at twice <c>Ingest:MaxRequestBytes</c> or above, so that the largest request fits with its rows.
    /// </summary>
    public long MaxBytes { get; set; } = 134_217_728;

    /// <summary>What happens when the queue is full. Default <see cref="WhenFull.DropOldest"/>.</summary>
    public WhenFull WhenFull { get; set; } = WhenFull.DropOldest;
}

/// <summary>What happens when a request arrives at a full queue.</summary>
internal enum WhenFull
{
    /// <summary>The oldest request is evicted; its producer is told to retry.</summary>
    DropOldest,

    /// <summary>The new request waits for room, and its producer for the answer.</summary>
    Wait,
}
