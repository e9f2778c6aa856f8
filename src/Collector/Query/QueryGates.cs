using Collector.Diagnostics;
using Collector.Limits;
using Collector.Storage;

namespace Collector.Query;

/// <summary>
/// Places for queries, apart by what they cost, so that none waits behind another kind: a dashboard that polls an id
/// gets its answer while long searches run, and so do live readers.
/// </summary>
internal sealed class QueryGates(
    QueryOptions options, LimitOptions limits, Places answers, CollectorMetrics metrics, TimeProvider clock) : IDisposable
{
    // Of which one address may have two: two cores and one disk are shared with the writer. Of searches, which take long,
    // Limits:Questions says how many. Measured with ten askers at 10,000 records a second, acknowledgement p50 against
    // that without: 1.6 times with eight places and a niceness of 5, 1.1 times with four and 19, and as many answers.
    private const int FewPlaces = 3;

    private const string Setting = "Limits:WaitingQuestions";

    /// <summary>Queries that may read a lot.</summary>
    public QueryGate Searches { get; } = new(
        new GateBounds("questions", Setting, limits.Questions, limits.WaitingQuestions, ThreadNiceness.Searches), options, answers, metrics, clock);

    /// <summary>By correlation id: few rows, found through an index.</summary>
    public QueryGate Lookups { get; } = new(
        new GateBounds("lookups", Setting, FewPlaces, limits.WaitingQuestions, ThreadNiceness.Lookups), options, answers, metrics, clock);

    /// <summary>The newest rows that come before a live stream, which a filter may make slow.</summary>
    public QueryGate Snapshots { get; } = new(
        new GateBounds("live readers", Setting, FewPlaces, limits.WaitingQuestions, ThreadNiceness.Searches), options, answers, metrics, clock);

    /// <summary>Short pages behind an arrival. After a restart all live readers come back at once.</summary>
    public QueryGate Arrivals { get; } = new(
        new GateBounds("live readers", "Limits:LiveReaders", FewPlaces, limits.LiveReaders, ThreadNiceness.Lookups), options, answers, metrics, clock);

    public void Dispose()
    {
        Searches.Dispose();
        Lookups.Dispose();
        Snapshots.Dispose();
        Arrivals.Dispose();
    }
}
