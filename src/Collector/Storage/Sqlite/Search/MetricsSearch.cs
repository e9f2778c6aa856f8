using Collector.Storage.Sqlite.Rollup;
using Collector.Storage.Sqlite.Segments;

namespace Collector.Storage.Sqlite.Search;

/// <summary>
/// Answers a question for figures: from what each segment keeps by the minute or hour, where every one that the range
/// touches has it, else from the rows.
/// </summary>
internal sealed class MetricsSearch(ReadSession session, MetricsQuery query)
{
    // Anew where a segment turned out to be damaged: what it had added would count twice.
    public MetricsAnswer Run()
    {
        MetricsAnswer? answer;
        do
        {
            answer = TryRun();
        }
        while (answer is null);
        return answer;
    }

    private MetricsAnswer? TryRun() =>
        TryFromRollups(out var isWhole) is { } answer ? answer : isWhole ? TryFromRows() : null;

    // Null where a segment keeps no figures, or, which is not whole, turned out to be damaged.
    private MetricsAnswer? TryFromRollups(out bool isWhole)
    {
        isWhole = true;
        var scope = new RollupScope(query);
        if (scope.KeptStep is not { } step)
        {
            return null;
        }

        foreach (var searched in session.Segments.Where(IsTouched))
        {
            session.Cancellation.ThrowIfCancellationRequested();
            var isKept = false;
            isWhole = session.TryStep(searched, search => isKept = search.TryRollUp(session, step, scope));
            if (!isWhole || !isKept)
            {
                return null;
            }
        }

        return new MetricsAnswer(scope.Steps, FromRollups: true);
    }

    private MetricsAnswer? TryFromRows()
    {
        var figures = new RowMetrics(new RollupScope(query));
        foreach (var searched in session.Segments.Where(IsTouched))
        {
            session.Cancellation.ThrowIfCancellationRequested();
            var lastRow = searched.RowsUpTo(session.Watermark);
            if (lastRow > 0 && !session.TryStep(searched, search => search.Measure(session, figures, lastRow)))
            {
                return null;
            }
        }

        return new MetricsAnswer(figures.Scope.Steps, FromRollups: false);
    }

    private bool IsTouched(SearchedSegment searched)
    {
        var search = searched.Search;
        return search.LastRow > 0 && search.FirstTimestamp < query.To && search.LastTimestamp >= query.From;
    }
}
