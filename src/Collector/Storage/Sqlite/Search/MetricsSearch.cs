using Collector.Storage.Sqlite.Rollup;
using Collector.Storage.Sqlite.Segments;

namespace Collector.Storage.Sqlite.Search;

/// <summary>
/// Answers a question for figures: from what each segment keeps by the minute or hour, where every one that the range
/// touches has it, else from the rows.
/// </summary>
internal sealed class MetricsSearch(ReadSession session, MetricsQuery query)
{
    public MetricsAnswer Run() => FromRollups() ?? FromRows();

    private MetricsAnswer? FromRollups()
    {
        var scope = new RollupScope(query);
        if (scope.KeptStep is not { } step)
        {
            return null;
        }

        foreach (var (_, search) in session.Segments)
        {
            session.Cancellation.ThrowIfCancellationRequested();
            if (IsTouched(search) && !search.TryRollUp(session, step, scope))
            {
                return null;
            }
        }

        return new MetricsAnswer(scope.Steps, FromRollups: true);
    }

    private MetricsAnswer FromRows()
    {
        var figures = new RowMetrics(new RollupScope(query));
        foreach (var searched in session.Segments)
        {
            session.Cancellation.ThrowIfCancellationRequested();
            var lastRow = searched.RowsUpTo(session.Watermark);
            if (lastRow > 0 && IsTouched(searched.Search))
            {
                searched.Search.Measure(session, figures, lastRow);
            }
        }

        return new MetricsAnswer(figures.Scope.Steps, FromRollups: false);
    }

    private bool IsTouched(ISegmentSearch search) =>
        search.Rows > 0 && search.FirstTimestamp < query.To && search.LastTimestamp >= query.From;
}
