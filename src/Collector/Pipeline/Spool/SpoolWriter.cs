using Collector.Pipeline.Ledger;
using Collector.Pipeline.Write;

namespace Collector.Pipeline.Spool;

/// <summary>
/// Puts batches of requests on disk and acknowledges them; logs once when that begins, and once when the spool is full. The
/// spool's thread calls it.
/// </summary>
internal sealed partial class SpoolWriter(
    SpoolReplay replay, ResilientAppender store, TimeProvider clock, ILogger<SpoolWorker> log)
{
    // A full spool takes nothing for this long: then there may be room again.
    private static readonly TimeSpan _fullFor = TimeSpan.FromSeconds(1);

    private long? _fullSince;

    /// <summary>Requests that were written to disk, since the start.</summary>
    public long Taken { get; private set; }

    public bool IsFull => _fullSince is { } since && clock.GetElapsedTime(since) < _fullFor;

    /// <summary>True where all are on disk, acknowledged and released; else none is.</summary>
    public bool TryTake(SpoolBatch batch, out string? error)
    {
        error = null;
        if (batch.Deliveries.Count == 0)
        {
            return true;
        }

        if (batch.TryWrite(out error))
        {
            NoteTaken(batch.Deliveries.Count);
            batch.Deliveries.ForEach(static delivery => delivery.Complete(IngestOutcome.Spooled, "spooled"));
            return true;
        }

        NoteFull(batch.Deliveries.Count, error);
        return false;
    }

    // Logged once when it begins, not once a request.
    private void NoteTaken(int requests)
    {
        _fullSince = null;
        Taken += requests;
        if (!replay.IsBehind)
        {
            SpoolBegins(requests, Reason());
        }

        replay.Added();
    }

    private string Reason()
    {
        var busy = store.BusyFor;
        return store.Failure
            ?? (busy >= SpoolPolicy.StuckAfter ? $"a write has been under way for {busy.TotalSeconds:0} s" : "the queue is nearly full");
    }

    private void NoteFull(int requests, string? error)
    {
        if (_fullSince is null)
        {
            SpoolFull(requests, error);
        }

        _fullSince = clock.GetTimestamp();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Requests are spooled, {Requests} at first: {Reason}")]
    private partial void SpoolBegins(int requests, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The spool can't take more, the oldest requests are evicted, {Requests} at first: {Error}")]
    private partial void SpoolFull(int requests, string? error);
}
