using Collector.Model;
using Collector.Storage;

namespace Collector.Query;

/// <summary><c>GET /api/workers</c>: the producers: when each sent last, how much, and with what errors.</summary>
internal sealed class WorkersEndpoint(ILogReader reader, QueryGate gate, TimeProvider clock)
{
    private const int DefaultMinutes = 15;
    private const ulong Minute = 60_000_000_000;
    private const double NanosPerSecond = 1e9;

    public RequestDelegate Create() => ApiEndpoint.Create(clock, Read, gate, Measure);

    private static MetricsQuery Read(ParameterReader read)
    {
        var (from, to) = read.Range(TimeSpan.FromMinutes(DefaultMinutes));
        var minutes = TimeSteps.Whole(from, to, Minute);
        return new MetricsQuery { From = minutes.FromNanos, To = minutes.ToNanos, Step = minutes.ToNanos - minutes.FromNanos };
    }

    private WorkersResponse Measure(MetricsQuery query, CancellationToken cancellation)
    {
        var points = reader.Measure(query, cancellation).Steps
            .ToDictionary(static step => step.Key.Worker, static step => step.Value, StringComparer.Ordinal);
        var seen = reader.LastSeen(cancellation);
        var workers = seen.Keys.Union(points.Keys, StringComparer.Ordinal)
            .Select(name => WorkerOf(name, points.GetValueOrDefault(name) ?? new MetricsPoint(), seen.GetValueOrDefault(name), query))
            .OrderByDescending(static worker => worker.Count).ThenBy(static worker => worker.WorkerName, StringComparer.Ordinal);
        return new WorkersResponse(Timestamps.ToText(query.From), Timestamps.ToText(query.To), [.. workers]);
    }

    private static WorkerResponse WorkerOf(string name, MetricsPoint point, ulong seenNanos, MetricsQuery query)
    {
        var figures = new Figures { Point = point };
        var seconds = (query.To - query.From) / NanosPerSecond;
        return new WorkerResponse(
            name, Timestamps.ToText(Math.Max(point.LastNanos, seenNanos)), figures.Count, figures.ErrorCount, figures.ErrorRate,
            Math.Round(figures.Count / seconds, 6), figures.P95Ms);
    }
}

internal sealed record WorkersResponse(string From, string To, IReadOnlyList<WorkerResponse> Workers);

internal sealed record WorkerResponse(
    string WorkerName, string LastSeen, long Count, long ErrorCount, double ErrorRate, double RecordsPerSecond, double? P95Ms);
