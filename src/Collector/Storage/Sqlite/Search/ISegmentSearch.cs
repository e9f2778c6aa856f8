using System.Runtime.CompilerServices;
using Collector.Storage.Sqlite.Rollup;
using Collector.Storage.Sqlite.Segments;

namespace Collector.Storage.Sqlite.Search;

/// <summary>How one segment is searched: by the index in memory while it is unsealed, by its own indexes afterwards.</summary>
internal interface ISegmentSearch
{
    /// <summary>The last rowid that questions see; zero where there is no row.</summary>
    long LastRow { get; }

    /// <summary>Smallest event time; the largest number where there is no row.</summary>
    ulong FirstTimestamp { get; }

    /// <summary>Largest event time.</summary>
    ulong LastTimestamp { get; }

    /// <summary>
    /// Offers to the page every row up to <paramref name="lastRow"/> that may match, or so many of them that no other
    /// could have a place. Rows that don't match may be among them: the caller verifies.
    /// </summary>
    void Collect(ReadSession session, PageScope scope, long lastRow, TopK page);

    /// <summary>Adds the rows with exactly this correlation id, and their traces.</summary>
    void FindCorrelation(ReadSession session, CorrelationKey key, long lastRow, CorrelationRows found);

    /// <summary>Adds the rows with exactly this request id, and their traces.</summary>
    void FindRequest(ReadSession session, CorrelationKey key, long lastRow, CorrelationRows found);

    /// <summary>Adds the rows of a span (lower-case hexadecimal), and their traces. It reads the whole segment.</summary>
    void FindSpan(ReadSession session, byte[] span, long lastRow, CorrelationRows found);

    /// <summary>
    /// Adds up figures from what is kept by the minute, or by longer steps of so many seconds; false where nothing is.
    /// </summary>
    bool TryRollUp(ReadSession session, int stepSeconds, RollupScope scope);

    /// <summary>Adds figures of the rows up to <paramref name="lastRow"/>, reading no more of them than is asked for.</summary>
    void Measure(ReadSession session, RowMetrics figures, long lastRow);

    /// <summary>The latest event time of each worker, as far as that is kept.</summary>
    IReadOnlyDictionary<string, ulong> Workers(ReadSession session);

    /// <summary>Adds the rows of exactly this trace that are not there yet.</summary>
    void FindTrace(ReadSession session, UInt128 trace, long lastRow, CorrelationRows found);
}

/// <param name="Id">UTF-8.</param>
/// <param name="Hash">By this process's hasher.</param>
internal readonly record struct CorrelationKey(byte[] Id, ulong Hash);

/// <summary>
/// Picks how a segment is searched. What was read of a sealed one's text index and workers stays as long as the segment.
/// </summary>
internal sealed class SegmentSearches
{
    private readonly ConditionalWeakTable<SealedContents, SealedSearch> _sealed = [];

    public ISegmentSearch Of(Segment segment)
    {
        // The feed first: it goes after the contents have come.
        if (segment.Feed is { } feed)
        {
            return new HotSearch(segment, feed.Index, feed.Rollup);
        }

        var contents = segment.Contents!;
        return _sealed.TryGetValue(contents, out var search)
            ? search
            : _sealed.GetValue(contents, key => new SealedSearch(segment, key));
    }
}
