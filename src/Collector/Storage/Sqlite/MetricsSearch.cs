using System.Text;
using Collector.Model;

namespace Collector.Storage.Sqlite;

/// <summary>
/// Answers a question for figures: from what each segment keeps by the minute or hour, where every one that the range
/// touches has it, else from the rows.
/// </summary>
internal sealed class MetricsSearch(ReadSession session, MetricsQuestion question)
{
    public MetricsAnswer Run() => FromRollups() ?? FromRows();

    private MetricsAnswer? FromRollups()
    {
        var scope = new RollupScope(question);
        if (scope.KeptStep is not { } step)
        {
            return null;
        }

        foreach (var (_, search) in session.Segments)
        {
            session.Cancellation.ThrowIfCancellationRequested();
            var isTouched = search.Rows > 0 && search.FirstTimestamp < question.To && search.LastTimestamp >= question.From;
            if (isTouched && !search.TryRollUp(session, step, scope))
            {
                return null;
            }
        }

        return new MetricsAnswer(scope.Steps, FromRollups: true);
    }

    private MetricsAnswer FromRows()
    {
        var rows = new RowFigures(new RollupScope(question));
        var logs = new LogQuestion
        {
            Worker = question.Worker,
            From = question.From,
            To = question.To,
            Descending = false,
            Limit = RowFigures.PageRows,
        };
        // By pages, since one answer holds its places in memory.
        for (PageEnd end = new(null, true, session.Watermark); end.More;)
        {
            end = new PageSearch(session, logs with { After = end.Last, Watermark = end.Watermark }).Run(rows);
        }

        return new MetricsAnswer(rows.Scope.Steps, FromRollups: false);
    }

    private sealed class RowFigures(RollupScope scope) : IRowSink
    {
        public const int PageRows = 10_000;

        public RollupScope Scope => scope;

        public bool Accept(in StoredRow row)
        {
            if (scope.Question.Kind is null || Names.KindOf(row.Kind) == scope.Question.Kind)
            {
                scope.StepOf(Encoding.UTF8.GetString(row.WorkerName), row.Position.TimestampNanos).Add(
                    row.Position.TimestampNanos, Names.LevelOf(row.LogLevel), row.ExecutionTimeMs, row.WallTimeMs);
            }

            return true;
        }
    }
}
