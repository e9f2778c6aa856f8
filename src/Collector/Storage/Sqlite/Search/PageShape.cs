namespace Collector.Storage.Sqlite.Search;

/// <summary>Which lines of <c>page.sql</c> a question takes; questions of one shape share a prepared statement.</summary>
internal readonly record struct PageShape
{
    public bool Descending { get; init; }

    public bool HasCorrelation { get; init; }

    public bool HasTrace { get; init; }

    public bool HasRequest { get; init; }

    public bool HasWorker { get; init; }

    public bool HasKind { get; init; }

    public bool HasOutcome { get; init; }

    /// <summary>Asked for one level at a time.</summary>
    public bool HasLevel { get; init; }

    public static PageShape Of(PageScope scope)
    {
        var byId = scope.Correlation is not null || scope.Trace is not null || scope.Request is not null;
        return new PageShape
        {
            Descending = scope.Query.Descending,
            HasCorrelation = scope.Correlation is not null,
            HasTrace = scope.Trace is not null,
            HasRequest = scope.Request is not null,
            HasWorker = scope.Worker is not null,
            HasKind = scope.Query.Kind is not null,
            HasOutcome = scope.Outcome is not null,
            // An id has few rows, all of which are looked at anyway.
            HasLevel = scope.Query.MinLevel > Model.Level.Debug || (scope.Worker is not null && !byId),
        };
    }

    /// <summary>Names of the lines.</summary>
    public IEnumerable<string> Lines
    {
        get
        {
            yield return HasCorrelation ? "by correlation"
                : HasTrace ? "by trace"
                : HasRequest ? "by request"
                : HasWorker ? "by worker"
                : HasLevel ? "by level"
                : "by time";
            yield return Descending ? "newest first" : "oldest first";
            foreach (var (has, name) in new[]
            {
                (HasCorrelation, "correlation"), (HasTrace, "trace"), (HasRequest, "request"), (HasWorker, "worker"),
                (HasLevel, "level"), (HasKind, "kind"), (HasOutcome, "outcome"),
            })
            {
                if (has)
                {
                    yield return name;
                }
            }
        }
    }
}
