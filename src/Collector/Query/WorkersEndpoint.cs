using Collector.Model;
using Collector.Storage;

namespace Collector.Query;

/// <summary><c>GET /api/workers</c>: the producers: when each sent last, how much, and with what errors.</summary>
internal sealed class WorkersEndpoint(ILogReader reader, QueryGate gate, TimeProvider clock)
{
    private const int DefaultMinutes = 15;
    private const int DefaultWorkers = 100;
    private const int MaxWorkers = 1_000;
    private const int MaxNameCharacters = 1_024;
    private const ulong Minute = 60_000_000_000;
    private const double NanosPerSecond = 1e9;

    public RequestDelegate Create() => ApiEndpoint.Create(clock, Read, gate, Measure);

    private static WorkersQuery Read(ParameterReader read)
    {
        var (from, to) = read.Range(TimeSpan.FromMinutes(DefaultMinutes));
        var minutes = TimeSteps.Whole(from, to, Minute);
        var asked = new WorkersQuery(
            new MetricsQuery { From = minutes.FromNanos, To = minutes.ToNanos, Step = minutes.ToNanos - minutes.FromNanos },
            read.Number("limit", DefaultWorkers, 1, MaxWorkers), read.Text("q", MaxNameCharacters), read.WorkersCursor("cursor"));
        // The range of the first page: "15 minutes ago" moves on.
        return asked.After is not { } after ? asked : asked with
        {
            Range = new MetricsQuery { From = after.From, To = after.To, Step = after.To - after.From },
        };
    }

    private WorkersResponse Measure(WorkersQuery asked, CancellationToken cancellation)
    {
        var query = asked.Range;
        var points = reader.Measure(query, cancellation).Steps
            .ToDictionary(static step => step.Key.Worker, static step => step.Value, StringComparer.Ordinal);
        var seen = reader.LastSeen(cancellation);
        var behind = seen.Keys.Union(points.Keys, StringComparer.Ordinal)
            .Where(name => asked.Part is not { } part || name.Contains(part, StringComparison.OrdinalIgnoreCase))
            .Select(name => (Name: name, Count: points.GetValueOrDefault(name)?.Count ?? 0))
            .Where(worker => asked.After is not { } after || after.IsBefore(worker.Count, worker.Name))
            // One more than is given tells whether there is a next page.
            .OrderByDescending(static worker => worker.Count).ThenBy(static worker => worker.Name, StringComparer.Ordinal).Take(asked.Limit + 1)
            .ToArray();
        var page = behind.AsSpan(0, Math.Min(behind.Length, asked.Limit)).ToArray();
        var cursor = behind.Length > page.Length
            ? new WorkersCursor(page[^1].Count, page[^1].Name, query.From, query.To).ToString() : null;
        return new WorkersResponse(
            Timestamps.ToText(query.From), Timestamps.ToText(query.To),
            [.. page.Select(worker => WorkerOf(
                worker.Name, points.GetValueOrDefault(worker.Name) ?? new MetricsPoint(), seen.GetValueOrDefault(worker.Name), query))],
            cursor);
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

/// <param name="Range">Of time.</param>
/// <param name="Limit">Workers at most.</param>
/// <param name="Part">Only those whose name holds it, without regard to case.</param>
/// <param name="After">Only those behind it.</param>
internal sealed record WorkersQuery(MetricsQuery Range, int Limit, string? Part, WorkersCursor? After);

internal sealed record WorkersResponse(string From, string To, IReadOnlyList<WorkerResponse> Workers, string? NextCursor);

internal sealed record WorkerResponse(
    string WorkerName, string LastSeen, long Count, long ErrorCount, double ErrorRate, double RecordsPerSecond, double? P95Ms);
