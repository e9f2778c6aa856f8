namespace Collector.Storage.Sqlite;

/// <summary>Which lines of <c>page.sql</c> a question takes; questions of one shape share a prepared statement.</summary>
internal readonly record struct PageShape
{
    public bool Descending { get; init; }

    public bool HasCorrelation { get; init; }

    public bool HasTrace { get; init; }

    public bool HasWorker { get; init; }

    /// <summary>Asked for one level at a time.</summary>
    public bool HasLevel { get; init; }

    public static PageShape Of(PageScope scope)
    {
        var byId = scope.Correlation is not null || scope.Trace is not null;
        return new PageShape
        {
            Descending = scope.Question.Descending,
            HasCorrelation = scope.Correlation is not null,
            HasTrace = scope.Trace is not null,
            HasWorker = scope.Worker is not null,
            // An id has few rows, all of which are looked at anyway.
            HasLevel = scope.Question.MinLevel > Model.Level.Debug || (scope.Worker is not null && !byId),
        };
    }

    /// <summary>Names of the lines.</summary>
    public IEnumerable<string> Lines
    {
        get
        {
            yield return HasCorrelation ? "by correlation"
                : HasTrace ? "by trace"
                : HasWorker ? "by worker"
                : HasLevel ? "by level"
                : "by time";
            yield return Descending ? "newest first" : "oldest first";
            foreach (var (has, name) in new[]
                { (HasCorrelation, "correlation"), (HasTrace, "trace"), (HasWorker, "worker"), (HasLevel, "level") })
            {
                if (has)
                {
                    yield return name;
                }
            }
        }
    }
}
