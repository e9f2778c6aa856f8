using System.Text.Json;
using Collector.Model;
using Collector.Storage;

namespace Collector.Query;

/// <summary><c>GET /api/workers</c>: who sends, when last, how much, and how it fares.</summary>
internal sealed class WorkersEndpoint(ILogReader reader, QueryGate gate, TimeProvider clock)
{
    private const ulong Minute = 60_000_000_000;
    private const double NanosPerSecond = 1e9;

    public async Task HandleAsync(HttpContext context)
    {
        var now = clock.GetUtcNow();
        var read = new ParameterReader(context.Request.Query, now);
        var to = read.Time("to", Timestamps.ToNanos(now));
        var from = read.Time("from", Timestamps.ToNanos(now.AddMinutes(-15)));
        read.RejectUnknown();
        if (from >= to)
        {
            read.Wrong("from", Timestamps.ToText(from), "a time before that of the parameter to");
        }

        if (read.Problem is { } wrong)
        {
            await wrong.WriteAsync(context);
            return;
        }

        var minutes = TimeSteps.Whole(from, to, Minute);
        var query = new MetricsQuery
        {
            From = minutes.FromNanos,
            To = minutes.ToNanos,
            Step = minutes.ToNanos - minutes.FromNanos,
        };
        Dictionary<string, MetricsPoint> figures = [];
        IReadOnlyDictionary<string, ulong> seen = new Dictionary<string, ulong>();
        var problem = await gate.RunAsync(
            token =>
            {
                figures = reader.Measure(query, token).Steps.ToDictionary(static s => s.Key.Worker, static s => s.Value, StringComparer.Ordinal);
                seen = reader.LastSeen(token);
            },
            context.RequestAborted);
        await (problem?.WriteAsync(context) ?? WriteAsync(context, minutes, figures, seen));
    }

    private static async Task WriteAsync(
        HttpContext context, TimeSteps range, Dictionary<string, MetricsPoint> figures, IReadOnlyDictionary<string, ulong> seen)
    {
        context.Response.ContentType = "application/json";
        using (var json = new Utf8JsonWriter(context.Response.BodyWriter, RowJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("from", Timestamps.ToText(range.FromNanos));
            json.WriteString("to", Timestamps.ToText(range.ToNanos));
            json.WriteStartArray("workers");
            var seconds = (range.ToNanos - range.FromNanos) / NanosPerSecond;
            foreach (var name in seen.Keys.Union(figures.Keys, StringComparer.Ordinal)
                .OrderByDescending(name => figures.GetValueOrDefault(name)?.Count ?? 0).ThenBy(static name => name, StringComparer.Ordinal))
            {
                var worker = figures.GetValueOrDefault(name) ?? new MetricsPoint();
                json.WriteStartObject();
                json.WriteString("worker_name", name);
                json.WriteString("last_seen", Timestamps.ToText(Math.Max(worker.LastNanos, seen.GetValueOrDefault(name))));
                MetricsJson.WriteCounts(json, worker);
                json.WriteNumber("records_per_second", Math.Round(worker.Count / seconds, 6));
                MetricsJson.WriteMilliseconds(json, "p95_ms", worker.Latency?.Percentile(0.95));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }
}
