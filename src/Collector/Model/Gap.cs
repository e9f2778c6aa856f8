namespace Collector.Model;

/// <summary>
/// A marker for rows that were lost: kept with the data, so that an answer about that time says that something is
/// missing.
/// </summary>
/// <param name="WorkerName">Whose rows; <see cref="Everybody"/> where any producer's may be missing.</param>
/// <param name="FromNanos">Time of the first of them, nanoseconds since 1970.</param>
/// <param name="ToNanos">Time of the last of them.</param>
/// <param name="Count">How many; 0 where nobody knows.</param>
/// <param name="Reason">Why, in a word.</param>
internal sealed record Gap(string WorkerName, ulong FromNanos, ulong ToNanos, long Count, string Reason)
{
    public const string Everybody = "*";

    /// <summary>The reason of a time in which Collector did not run.</summary>
    public const string NotRunning = "not_running";

    /// <summary>Nobody knows whose rows they are: they may be anybody's.</summary>
    public const string UnknownWorker = "unknown-worker";

    /// <summary>Whether rows of a worker may be missing here.</summary>
    public bool Concerns(string worker) => WorkerName == worker || WorkerName is Everybody or UnknownWorker;
}
