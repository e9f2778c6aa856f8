namespace Collector.Query;

/// <summary>
/// Places of live readers' own, so that watching does not wait until slow questions are answered: some for the newest
/// rows that come first, which a filter may make slow, and some for the short pages behind an arrival.
/// </summary>
internal sealed class LiveGates(QueryOptions options, TimeProvider clock) : IDisposable
{
    private const int Places = 2;

    // After a restart all who watched come back at once.
    private const int MostReturning = 1_000;

    public QueryGate Snapshots { get; } = new(options, clock, Places);

    public QueryGate Arrivals { get; } = new(options, clock, Places, MostReturning);

    public void Dispose()
    {
        Snapshots.Dispose();
        Arrivals.Dispose();
    }
}
