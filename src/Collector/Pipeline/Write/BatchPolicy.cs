namespace Collector.Pipeline.Write;

/// <summary>Decides when the collected requests are written; no threads, no clock of its own.</summary>
internal sealed class BatchPolicy(BatchOptions options)
{
    /// <summary>
    /// How long the writer should wait for more; zero or less means: write now. While a transaction runs the queue
    /// fills, so that under load the next group is due at once and several batches share one fsync.
    /// </summary>
    /// <param name="rows">Rows collected.</param>
    /// <param name="oldestAge">Age of the oldest request.</param>
    /// <param name="isAwaited">A producer waits for one of them.</param>
    /// <param name="isStopping">Nothing more will come.</param>
    public TimeSpan WaitFor(int rows, TimeSpan oldestAge, bool isAwaited, bool isStopping)
    {
        if (isStopping || rows >= options.MaxRows)
        {
            return TimeSpan.Zero;
        }

        return (isAwaited ? options.AckLinger : options.MaxDelay) - oldestAge;
    }
}
