using System.Text.Json.Serialization;
using Collector.Model;
using Collector.Storage;

namespace Collector.Query;

/// <summary><c>GET /api/metrics</c>: counts, error rates, CPU and percentiles of durations, by worker and step.</summary>
internal sealed class MetricsEndpoint(ILogReader reader, GapSearch missing, QueryGate gate, TimeProvider clock)
{
    private const int MaxSteps = 1_000;
    private const int MaxWorkers = 100;
    private const int MaxNameCharacters = 1_024;

    public RequestDelegate Create() => ApiEndpoint.Create(clock, Read, gate, Measure);

    private static (MetricsQuery Query, TimeSteps Steps) Read(ParameterReader read)
    {
        var steps = TimeSteps.Read(read, MaxSteps);
        var query = new MetricsQuery
        {
            Worker = read.Text("worker", MaxNameCharacters),
            Kind = read.Kind("kind"),
            From = steps.FromNanos,
            To = steps.ToNanos,
            Step = steps.StepNanos,
        };
        return (query, steps);
    }

    private MetricsResponse Measure((MetricsQuery Query, TimeSteps Steps) asked, CancellationToken cancellation)
    {
        var (query, steps) = asked;
        var answer = reader.Measure(query, cancellation);
        var gaps = missing.Find(query.Worker, query.From, query.To, cancellation);
        return new MetricsResponse(
            Timestamps.ToText(steps.FromNanos), Timestamps.ToText(steps.ToNanos), steps.StepSeconds,
            answer.FromRollups ? "rollups" : "rows", WorkersOf(answer, steps), TotalOf(answer, steps), GapResponse.Of(gaps));
    }

    private static IReadOnlyList<WorkerFigures> WorkersOf(MetricsAnswer answer, TimeSteps steps) =>
    [
        .. answer.Steps.GroupBy(static step => step.Key.Worker, StringComparer.Ordinal)
            .Select(worker => new WorkerFigures
            {
                WorkerName = worker.Key,
                Point = Sum(worker.Select(static step => step.Value)),
                Steps = StepsOf(steps, worker.Select(static step => (step.Key.Step, step.Value))),
            })
            .OrderByDescending(static worker => worker.Count).ThenBy(static worker => worker.WorkerName, StringComparer.Ordinal)
            .Take(MaxWorkers),
    ];

    private static SeriesFigures TotalOf(MetricsAnswer answer, TimeSteps steps) => new()
    {
        Point = Sum(answer.Steps.Values),
        Steps = StepsOf(steps, answer.Steps.GroupBy(static step => step.Key.Step)
            .Select(static step => (step.Key, Sum(step.Select(static worker => worker.Value))))),
    };

    private static IReadOnlyList<StepFigures> StepsOf(TimeSteps steps, IEnumerable<(int Step, MetricsPoint Point)> parts) =>
        [.. parts.OrderBy(static part => part.Step)
            .Select(part => new StepFigures { Time = Timestamps.ToText(steps.TimeOf(part.Step)), Point = part.Point })];

    private static MetricsPoint Sum(IEnumerable<MetricsPoint> parts)
    {
        var sum = new MetricsPoint();
        foreach (var part in parts)
        {
            sum.Add(part);
        }

        return sum;
    }
}

internal sealed record MetricsResponse(
    string From, string To, double StepSeconds, string Source, IReadOnlyList<WorkerFigures> Workers, SeriesFigures Total,
    IReadOnlyList<GapResponse> Gaps);

/// <summary>A <see cref="MetricsPoint"/> as answers show it.</summary>
internal class Figures
{
    private const int Decimals = 6;

    internal MetricsPoint Point { get; init; } = new();

    public long Count => Point.Count;

    public long ErrorCount => Point.Errors;

    public double ErrorRate => Count == 0 ? 0 : Math.Round(ErrorCount / (double)Count, Decimals);

    public long LatencyCount => Point.Latency?.Count ?? 0;

    public double? P50Ms => PercentileOf(Point, 0.5);

    public double? P90Ms => PercentileOf(Point, 0.9);

    public double? P95Ms => PercentileOf(Point, 0.95);

    public double? P99Ms => PercentileOf(Point, 0.99);

    public double? MaxMs => Point.Latency is { } latency ? Math.Round(latency.Max, Decimals) : null;

    public long CpuMs => Point.CpuMs;

    public LevelFigures Levels => new(Point[Level.Debug], Point[Level.Info], Point[Level.Warn], Point[Level.Error]);

    internal static double? PercentileOf(MetricsPoint point, double share) =>
        point.Latency is { } latency ? Math.Round(latency.Percentile(share), Decimals) : null;
}

internal sealed record LevelFigures(long Debug, long Info, long Warn, long Error);

internal sealed class StepFigures : Figures
{
    [JsonPropertyOrder(-1)]
    public required string Time { get; init; }
}

internal class SeriesFigures : Figures
{
    [JsonPropertyOrder(1)]
    public required IReadOnlyList<StepFigures> Steps { get; init; }
}

internal sealed class WorkerFigures : SeriesFigures
{
    [JsonPropertyOrder(-1)]
    public required string WorkerName { get; init; }
}
