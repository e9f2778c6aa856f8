using Collector.Model;
using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Segments;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Sqlite.Search;

/// <summary>
/// Answers queries: waits for the indexes and translates failures. Callers bound how many run at once; each costs a connection
/// or a few while it runs.
/// </summary>
internal sealed class SqliteReader(Catalog catalog, IdHasher hasher, Damages damages, Task ready) : ILogReader
{
    private readonly SegmentSearches _searches = new();

    public Task Ready => ready;

    public PageEnd Find(LogQuery query, IRowSink sink, CancellationToken cancellation) =>
        Answer(session => new PageSearch(session, query).Run(sink), cancellation);

    public bool FindCorrelation(string id, int limit, IRowSink sink, CancellationToken cancellation) =>
        Answer(session => new CorrelationSearch(session, id, limit).Run(sink), cancellation);

    public bool HasUnreadable => catalog.Unreadable.Any();

    public Arrival Newest => catalog.Watermark;

    public Arrival ReadArrivals(Arrival after, int limit, IRowSink sink, CancellationToken cancellation) =>
        Answer(session => new ArrivalSearch(session).Run(after, limit, sink), cancellation);

    public MetricsAnswer Measure(MetricsQuery query, CancellationToken cancellation) =>
        Answer(session => new MetricsSearch(session, query).Run(), cancellation);

    public IReadOnlyDictionary<string, ulong> LastSeen(CancellationToken cancellation) =>
        Answer(WorkersOf, cancellation);

    public IReadOnlyList<Gap> FindGaps(string? worker, ulong fromNanos, ulong toNanos, CancellationToken cancellation) =>
        Answer(session => new MarkerSearch(session, worker, fromNanos, toNanos).Run(), cancellation);

    private static Dictionary<string, ulong> WorkersOf(ReadSession session)
    {
        var seen = new Dictionary<string, ulong>(StringComparer.Ordinal);
        foreach (var (worker, nanos) in session.Segments.SelectMany(searched => WorkersOf(session, searched)))
        {
            seen[worker] = Math.Max(nanos, seen.GetValueOrDefault(worker));
        }

        return seen;
    }

    private static IReadOnlyDictionary<string, ulong> WorkersOf(ReadSession session, SearchedSegment searched)
    {
        IReadOnlyDictionary<string, ulong>? workers = null;
        return session.TryStep(searched, search => workers = search.Workers(session)) ? workers! : searched.Search.Workers(session);
    }

    private T Answer<T>(Func<ReadSession, T> answer, CancellationToken cancellation)
    {
        WaitUntilReady(cancellation);
        try
        {
            using var session = new ReadSession(catalog, _searches, hasher, damages, cancellation);
            return answer(session);
        }
        catch (SqliteException e)
        {
            // An interrupted statement is how a cancellation looks from below.
            cancellation.ThrowIfCancellationRequested();
            throw new StoreUnavailableException($"The store could not be read: {e.Message}")
            {
                IsBusy = SqliteErrors.IsPassing(e.SqliteExtendedErrorCode),
            };
        }
    }

    // The contract blocks the caller's thread, here as for the disk.
    private void WaitUntilReady(CancellationToken cancellation)
    {
        if (ready.IsCompletedSuccessfully)
        {
            return;
        }

        try
        {
            ready.Wait(cancellation);
        }
        catch (AggregateException e)
        {
            throw new StoreUnavailableException($"The hot index is missing: {e.InnerException?.Message}");
        }
    }
}
