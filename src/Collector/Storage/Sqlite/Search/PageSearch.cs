using Collector.Model;
using Collector.Storage.Sqlite.Segments;

namespace Collector.Storage.Sqlite.Search;

/// <summary>
/// Answers a question page by page of candidates. 1. Each segment offers its candidates; the best limit + 1 are kept.
/// 2. These are read in order, and what an index could not tell is verified on the row. 3. Where that threw candidates
/// away and more may come, the search goes on behind the last one, with a larger page.
/// </summary>
internal sealed class PageSearch
{
    // Candidates in memory at once, 100 bytes each. More than these are read in turns, each of which looks again where
    // the last one ended: next to nothing beside the reading of so many rows.
    private const long MaxCandidates = 16_384;

    private readonly ReadSession _session;
    private readonly LogQuery _query;
    private readonly Arrival _watermark;
    private readonly PageScope _scope;

    public PageSearch(ReadSession session, LogQuery query)
    {
        _session = session;
        _query = query;
        _watermark = query.Watermark is { } asked && asked.CompareTo(session.Watermark) < 0
            ? asked
            : session.Watermark;
        _scope = new PageScope(query, session.Hasher);
    }

    public PageEnd Run(IRowSink sink)
    {
        var given = 0;
        var limit = _query.Limit;
        Position? last = null;
        var size = Math.Max(0, _query.Limit) + 1L;
        while (!_scope.MatchesNothing)
        {
            var page = Collect(size, limit - given + 1L);
            var mayBeMore = page.IsFull || page.HasEnough;
            foreach (var position in page.Drain())
            {
                _scope.RowsRead++;
                if (_session.TryRead(position, out var row) && _scope.Matches(row))
                {
                    if (given >= limit)
                    {
                        return new PageEnd(last, true, _watermark);
                    }

                    last = position;
                    given++;
                    limit = sink.Accept(row) ? limit : given;
                }

                _scope.After = position;
            }

            if (!mayBeMore)
            {
                break;
            }

            size = NextSize(size, _query.Limit);
        }

        return new PageEnd(last, false, _watermark);
    }

    /// <summary>How many candidates come next, where so many held too few rows that match.</summary>
    internal static long NextSize(long size, int limit) => Math.Min(size * 2, Math.Max(MaxCandidates, limit + 1L));

    // Anew where a segment turned out to be damaged: what it had offered would come twice.
    private TopK Collect(long size, long enough)
    {
        TopK? page;
        do
        {
            page = TryCollect(size, enough);
        }
        while (page is null);
        return page;
    }

    private TopK? TryCollect(long size, long enough)
    {
        var page = new TopK(
            (int)Math.Min(size, Array.MaxLength), (int)Math.Min(enough, Array.MaxLength), _query.Descending, _scope.After);
        foreach (var searched in InOrderOfTime())
        {
            var lastRow = searched.RowsUpTo(_watermark);
            if (lastRow > 0 && page.CanTake(searched.Search.FirstTimestamp, searched.Search.LastTimestamp)
                && !_session.TryStep(searched, search => search.Collect(_session, _scope, lastRow, page)))
            {
                return null;
            }
        }

        return page;
    }

    // The one that reaches furthest to the wanted end first: it fills the page, and most others need no look. Those
    // outside the question's own range need none either.
    private IEnumerable<SearchedSegment> InOrderOfTime()
    {
        var (from, to) = _scope.Range;
        var wanted = _session.Segments.Where(s => s.Search.FirstTimestamp < to && s.Search.LastTimestamp >= from);
        return _query.Descending
            ? wanted.OrderByDescending(static s => s.Search.LastTimestamp)
            : wanted.OrderBy(static s => s.Search.FirstTimestamp);
    }
}
