using System.Text.Json;
using Collector.Model;
using Collector.Storage;

namespace Collector.Query;

/// <summary><c>GET /api/logs/histogram</c>: how many rows match, by level and step.</summary>
internal sealed class HistogramEndpoint(ILogReader reader, GapSearch missing, QueryGate gate, TimeProvider clock)
{
    private const int MaxSteps = 10_000;
    private const int PageRows = 10_000;

    public async Task HandleAsync(HttpContext context)
    {
        var now = clock.GetUtcNow();
        var read = new ParameterReader(context.Request.Query, now);
        var query = FilterReader.Read(read);
        var steps = TimeSteps.Read(read, now, MaxSteps);
        read.RejectUnknown();
        if (read.Problem is { } wrong)
        {
            await wrong.WriteAsync(context);
            return;
        }

        query = query with { From = steps.FromNanos, To = steps.ToNanos, Descending = false, Limit = PageRows };
        var counts = new LevelCounts(steps);
        IReadOnlyList<Gap> gaps = [];
        var problem = await gate.RunAsync(
            token =>
            {
                Count(query, counts, token);
                gaps = missing.Find(query.Worker, query.From, query.To, token);
            },
            context.RequestAborted);
        await (problem?.WriteAsync(context) ?? WriteAsync(context, steps, counts, gaps));
    }

    private static async Task WriteAsync(HttpContext context, TimeSteps steps, LevelCounts counts, IReadOnlyList<Gap> gaps)
    {
        context.Response.ContentType = "application/json";
        using (var json = new Utf8JsonWriter(context.Response.BodyWriter, RowJson.WriterOptions))
        {
            json.WriteStartObject();
            MetricsEndpoint.WriteRange(json, steps);
            json.WriteStartArray("buckets");
            foreach (var (step, figures) in counts.Steps)
            {
                json.WriteStartObject();
                json.WriteString("time", Timestamps.ToText(steps.TimeOf(step)));
                MetricsJson.WriteLevels(json, figures);
                json.WriteNumber("total", figures.Count);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            GapSearch.Write(json, gaps);
            json.WriteEndObject();
        }

        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    // What is counted already needs no row, where nothing is asked that only rows know.
    private void Count(LogQuery query, LevelCounts counts, CancellationToken cancellation)
    {
        if (IsCounted(query))
        {
            var figures = reader.Measure(
                new MetricsQuery
                {
                    Worker = query.Worker,
                    Kind = query.Kind,
                    From = query.From,
                    To = query.To,
                    Step = counts.Range.StepNanos,
                    CountsFrom = query.MinLevel,
                },
                cancellation);
            counts.Add(figures, query.MinLevel);
            return;
        }

        for (PageEnd end = new(null, true, Arrival.Last); end.More;)
        {
            end = reader.Find(query with { After = end.Last, Watermark = end.Watermark }, counts, cancellation);
        }
    }

    private static bool IsCounted(LogQuery query) =>
        query is
        {
            CorrelationId: null, TraceId: null, RequestId: null, Outcome: null, Text: null, WallTime.Count: 0, Attributes.Count: 0,
        };

    private sealed class LevelCounts(TimeSteps range) : IRowSink
    {
        public TimeSteps Range => range;

        public SortedDictionary<int, MetricsPoint> Steps { get; } = [];

        public bool Accept(in StoredRow row)
        {
            Of((int)((row.Position.TimestampNanos - range.FromNanos) / range.StepNanos)).Add(Names.LevelOf(row.LogLevel), 1);
            return true;
        }

        public void Add(MetricsAnswer answer, Level least)
        {
            foreach (var ((_, step), figures) in answer.Steps)
            {
                for (var level = least; level <= Level.Error; level++)
                {
                    if (figures[level] > 0)
                    {
                        Of(step).Add(level, figures[level]);
                    }
                }
            }
        }

        private MetricsPoint Of(int step)
        {
            if (!Steps.TryGetValue(step, out var figures))
            {
                Steps.Add(step, figures = new MetricsPoint());
            }

            return figures;
        }
    }
}
