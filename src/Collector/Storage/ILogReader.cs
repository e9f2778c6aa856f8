using Collector.Model;

namespace Collector.Storage;

/// <summary>
/// The read side of a store. Safe for any number of threads; calls block their thread until answered.
/// </summary>
internal interface ILogReader
{
    /// <summary>
    /// Completes when questions can be answered (after a start, when the indexes in memory are rebuilt), and faults
    /// with the cause where that failed. Questions wait for it by themselves.
    /// </summary>
    Task Ready { get; }

    /// <summary>
    /// Gives the rows that match, in order of (timestamp, arrival), to the sink: at most
    /// <see cref="LogQuery.Limit"/>.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token was cancelled; the statement was interrupted.</exception>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    PageEnd Find(LogQuery query, IRowSink sink, CancellationToken cancellation);

    /// <summary>
    /// Gives the closure of an id, oldest first: rows with that correlation id or trace id, and all rows of the traces
    /// that these rows belong to. Returns true where there were more than <paramref name="limit"/>; of so many traces, not
    /// all are followed then.
    /// </summary>
    /// <inheritdoc cref="Find"/>
    bool FindCorrelation(string id, int limit, IRowSink sink, CancellationToken cancellation);

    /// <summary>The last row that has arrived and that questions see.</summary>
    Arrival Newest { get; }

    /// <summary>
    /// Gives the rows that arrived behind a place, in that order, at most so many; returns how far it came, the place
    /// itself where nothing is behind it.
    /// </summary>
    /// <inheritdoc cref="Find"/>
    Arrival ReadArrivals(Arrival after, int limit, IRowSink sink, CancellationToken cancellation);

    /// <summary>
    /// Figures by worker and step: from what is kept by the minute where the question's times are whole minutes and it
    /// is there, else from the rows themselves.
    /// </summary>
    /// <inheritdoc cref="Find"/>
    MetricsAnswer Measure(MetricsQuery query, CancellationToken cancellation);

    /// <summary>The latest event time of each worker, nanoseconds since 1970.</summary>
    /// <inheritdoc cref="Find"/>
    IReadOnlyDictionary<string, ulong> LastSeen(CancellationToken cancellation);

    /// <summary>A file can't be read, wholly or in part: answers may have gaps that no ledger knows of.</summary>
    bool HasUnreadable => false;

    /// <summary>
    /// Markers of losses that touch the time range, of one worker or of all; at most 1,000, the latest first.
    /// </summary>
    /// <inheritdoc cref="Find"/>
    IReadOnlyList<Gap> FindGaps(string? worker, ulong fromNanos, ulong toNanos, CancellationToken cancellation);
}

/// <summary>The store could not be read; the message says why.</summary>
internal sealed class StoreUnavailableException : Exception
{
    /// <summary>It is locked or short of memory: the same question may be answered in a moment.</summary>
    public bool IsBusy { get; init; }

    public StoreUnavailableException(string message)
        : base(message)
    {
    }
}
