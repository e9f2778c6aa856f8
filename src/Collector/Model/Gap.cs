namespace Collector.Model;

/// <summary>
/// A marker for rows that were lost: kept with the data, so that an answer about that time says that something is
/// missing.
/// </summary>
/// <param name="WorkerName">Whose rows.</param>
/// <param name="FromNanos">Time of the first of them, nanoseconds since 1970.</param>
/// <param name="ToNanos">Time of the last of them.</param>
/// <param name="Count">How many.</param>
/// <param name="Reason">Why, in a word.</param>
internal sealed record Gap(string WorkerName, ulong FromNanos, ulong ToNanos, long Count, string Reason)
{
    /// <summary>Nobody knows whose rows they are: they may be anybody's.</summary>
    public const string UnknownWorker = "unknown-worker";
}
