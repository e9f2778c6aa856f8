namespace Collector.Pipeline.Spool;

/// <summary>What the spool's thread sees when it wakes.</summary>
/// <param name="Waiting">Requests in the queue.</param>
/// <param name="Capacity">Requests that the queue can hold.</param>
/// <param name="Memory">Share of Queue:MaxBytes that requests hold, from 0 to 1.</param>
/// <param name="IsStoreFailing">The last write failed although it was tried again.</param>
/// <param name="WriteTakes">How long the write that is under way has taken.</param>
/// <param name="IsEnding">The deadline of the shutdown has come, or a second signal.</param>
internal readonly record struct SpoolView(
    int Waiting, int Capacity, double Memory, bool IsStoreFailing, TimeSpan WriteTakes, bool IsEnding);

/// <summary>Decides what goes to the spool and when it comes back; no threads, no clock, no files.</summary>
internal static class SpoolPolicy
{
    /// <summary>A write that takes so long is stuck: a writer that hangs in the kernel never reaches its third retry.</summary>
    public static readonly TimeSpan StuckAfter = TimeSpan.FromSeconds(2);

    /// <summary>What storing a large request may take: a tenth of the usual rate.</summary>
    public static TimeSpan TimeOf(long bytes) => TimeSpan.FromSeconds(bytes / (double)(1 << 20));

    /// <summary>How many of the oldest waiting requests to take from the queue.</summary>
    public static int RequestsToTake(SpoolView view) =>
        view.IsStoreFailing || IsStuck(view) || view.IsEnding ? view.Waiting
        // Down to half, so that the queue has room for a while and the spool does not run for single requests.
        : view.Waiting * 4L > view.Capacity * 3L ? view.Waiting - (view.Capacity / 2)
        // Few large requests fill the memory long before they fill the places.
        : view.Memory > 0.75 ? (view.Waiting + 1) / 2
        : 0;

    /// <summary>The requests of the write under way are copied: should it commit after all, their replay is skipped.</summary>
    public static bool ShouldCopyUnderWay(SpoolView view) => IsStuck(view) || (view.IsEnding && view.WriteTakes > TimeSpan.Zero);

    /// <summary>
    /// How many requests may be on their way back. One while the store fails: it probes whether the store is back.
    /// </summary>
    public static int MaxReplays(SpoolView view) =>
        view.IsEnding || IsStuck(view) || view.Waiting * 2L > view.Capacity || view.Memory > 0.5 ? 0
        : view.IsStoreFailing ? 1
        : 32;

    private static bool IsStuck(SpoolView view) => view.WriteTakes >= StuckAfter;
}
