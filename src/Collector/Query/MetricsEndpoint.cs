using System.Text.Json;
using Collector.Model;
using Collector.Storage;

namespace Collector.Query;

/// <summary><c>GET /api/metrics</c>: counts, error rates, CPU and percentiles of durations, by worker and step.</summary>
internal sealed class MetricsEndpoint(ILogReader reader, GapSearch missing, QueryGate gate, TimeProvider clock)
{
    private const int MaxSteps = 1_000;
    private const int MaxSeries = 100;

    public async Task HandleAsync(HttpContext context)
    {
        var now = clock.GetUtcNow();
        var read = new ParameterReader(context.Request.Query, now);
        var steps = TimeSteps.Read(read, now, MaxSteps);
        var query = new MetricsQuery
        {
            Worker = read.Text("worker", 1024),
            Kind = read.Kind("kind"),
            From = steps.FromNanos,
            To = steps.ToNanos,
            Step = steps.StepNanos,
        };
        read.RejectUnknown();
        if (read.Problem is { } wrong)
        {
            await wrong.WriteAsync(context);
            return;
        }

        MetricsAnswer? answer = null;
        IReadOnlyList<Gap> gaps = [];
        var problem = await gate.RunAsync(
            token =>
            {
                answer = reader.Measure(query, token);
                gaps = missing.Find(query.Worker, query.From, query.To, token);
            },
            context.RequestAborted);
        await (problem?.WriteAsync(context) ?? WriteAsync(context, steps, answer!, gaps));
    }

    private static async Task WriteAsync(HttpContext context, TimeSteps steps, MetricsAnswer answer, IReadOnlyList<Gap> gaps)
    {
        context.Response.ContentType = "application/json";
        using (var json = new Utf8JsonWriter(context.Response.BodyWriter, RowJson.WriterOptions))
        {
            json.WriteStartObject();
            WriteRange(json, steps);
            json.WriteString("source", answer.FromRollups ? "rollups" : "rows");
            json.WriteStartArray("workers");
            var workers = answer.Steps.GroupBy(static step => step.Key.Worker, StringComparer.Ordinal)
                .Select(static worker => (Name: worker.Key, Steps: worker.ToArray(), Sum: Sum(worker.Select(static s => s.Value))))
                .OrderByDescending(static worker => worker.Sum.Count).ThenBy(static worker => worker.Name, StringComparer.Ordinal);
            foreach (var worker in workers.Take(MaxSeries))
            {
                json.WriteStartObject();
                json.WriteString("worker_name", worker.Name);
                WriteSeries(json, steps, worker.Sum, worker.Steps.Select(static step => (step.Key.Step, step.Value)));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartObject("total");
            WriteSeries(json, steps, Sum(answer.Steps.Values), answer.Steps.GroupBy(static step => step.Key.Step)
                .Select(static step => (step.Key, Sum(step.Select(static s => s.Value)))));
            json.WriteEndObject();
            GapSearch.Write(json, gaps);
            json.WriteEndObject();
        }

        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    public static void WriteRange(Utf8JsonWriter json, TimeSteps steps)
    {
        json.WriteString("from", Timestamps.ToText(steps.FromNanos));
        json.WriteString("to", Timestamps.ToText(steps.ToNanos));
        json.WriteNumber("step_seconds", steps.StepSeconds);
    }

    private static void WriteSeries(Utf8JsonWriter json, TimeSteps steps, MetricsPoint whole, IEnumerable<(int Step, MetricsPoint MetricsPoint)> parts)
    {
        MetricsJson.Write(json, whole);
        json.WriteStartArray("steps");
        foreach (var (step, figures) in parts.OrderBy(static part => part.Step))
        {
            json.WriteStartObject();
            json.WriteString("time", Timestamps.ToText(steps.TimeOf(step)));
            MetricsJson.Write(json, figures);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

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
