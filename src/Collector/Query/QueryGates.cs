using Collector.Storage;

namespace Collector.Query;

/// <summary>
/// Places for queries, apart by what they cost, so that none waits behind another kind: a dashboard that polls an id
/// gets its answer while long searches run, and so do live readers.
/// </summary>
internal sealed class QueryGates(QueryOptions options, TimeProvider clock) : IDisposable
{
    // Two cores and one disk are shared with the writer: more of them at once would take longer each. Measured with ten
    // askers at 10,000 records a second, acknowledgement p50 against that without: 1.6 times with eight places and a
    // niceness of 5, 1.1 times with four and 19, and as many answers.
    private const int DefaultPlaces = 4;

    private const int FewPlaces = 2;
    private const int DefaultWaiting = 32;

    // After a restart all live readers come back at once.
    private const int MaxReturning = 1_000;

    /// <summary>Queries that may read a lot.</summary>
    public QueryGate Searches { get; } = new(options, clock, DefaultPlaces, DefaultWaiting, ThreadNiceness.Searches);

    /// <summary>By correlation id: few rows, found through an index.</summary>
    public QueryGate Lookups { get; } = new(options, clock, FewPlaces, DefaultWaiting, ThreadNiceness.Lookups);

    /// <summary>The newest rows that come before a live stream, which a filter may make slow.</summary>
    public QueryGate Snapshots { get; } = new(options, clock, FewPlaces, DefaultWaiting, ThreadNiceness.Searches);

    /// <summary>Short pages behind an arrival.</summary>
    public QueryGate Arrivals { get; } = new(options, clock, FewPlaces, MaxReturning, ThreadNiceness.Lookups);

    public void Dispose()
    {
        Searches.Dispose();
        Lookups.Dispose();
        Snapshots.Dispose();
        Arrivals.Dispose();
    }
}
