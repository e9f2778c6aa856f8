using Collector.Model;
using Collector.Storage;

namespace Collector.Query;

/// <summary><c>GET /api/logs/histogram</c>: how many rows match, by level and step.</summary>
internal sealed class HistogramEndpoint(ILogReader reader, GapSearch missing, QueryGate gate, TimeProvider clock)
{
    private const int MaxSteps = 10_000;
    private const int PageRows = 10_000;

    public RequestDelegate Create() => ApiEndpoint.Create(clock, Read, gate, Count);

    private static (LogQuery Query, TimeSteps Steps) Read(ParameterReader read)
    {
        var filter = FilterReader.Read(read);
        var steps = TimeSteps.Read(read, MaxSteps);
        return (filter with { From = steps.FromNanos, To = steps.ToNanos, Descending = false, Limit = PageRows }, steps);
    }

    private HistogramResponse Count((LogQuery Query, TimeSteps Steps) asked, CancellationToken cancellation)
    {
        var (query, steps) = asked;
        var counts = new LevelCounts(steps);
        if (IsCounted(query))
        {
            Measure(query, counts, cancellation);
        }
        else
        {
            for (PageEnd end = new(null, true, Arrival.Last); end.More;)
            {
                end = reader.Find(query with { After = end.Last, Watermark = end.Watermark }, counts, cancellation);
            }
        }

        var gaps = missing.Find(query.Worker, query.From, query.To, cancellation);
        return new HistogramResponse(
            Timestamps.ToText(steps.FromNanos), Timestamps.ToText(steps.ToNanos), steps.StepSeconds, counts.Buckets(), GapResponse.Of(gaps));
    }

    // The roll-ups know these counts, so that no row is read.
    private void Measure(LogQuery query, LevelCounts counts, CancellationToken cancellation)
    {
        var answer = reader.Measure(
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
        counts.Add(answer, query.MinLevel);
    }

    private static bool IsCounted(LogQuery query) =>
        query is
        {
            CorrelationId: null, TraceId: null, RequestId: null, Outcome: null, Text: null, WallTime.Count: 0, Attributes.Count: 0,
        };

    private sealed class LevelCounts(TimeSteps range) : IRowSink
    {
        private readonly SortedDictionary<int, MetricsPoint> _steps = [];

        public TimeSteps Range => range;

        public IReadOnlyList<HistogramBucket> Buckets() => [.. _steps.Select(step => HistogramBucket.Of(range.TimeOf(step.Key), step.Value))];

        public bool Accept(in StoredRow row)
        {
            Of((int)((row.Position.TimestampNanos - range.FromNanos) / range.StepNanos)).Add(Names.LevelOf(row.LogLevel), 1);
            return true;
        }

        public void Add(MetricsAnswer answer, Level min)
        {
            foreach (var ((_, step), point) in answer.Steps)
            {
                for (var level = min; level <= Level.Error; level++)
                {
                    if (point[level] > 0)
                    {
                        Of(step).Add(level, point[level]);
                    }
                }
            }
        }

        private MetricsPoint Of(int step)
        {
            if (!_steps.TryGetValue(step, out var point))
            {
                _steps.Add(step, point = new MetricsPoint());
            }

            return point;
        }
    }
}

internal sealed record HistogramResponse(
    string From, string To, double StepSeconds, IReadOnlyList<HistogramBucket> Buckets, IReadOnlyList<GapResponse> Gaps);

internal sealed record HistogramBucket(string Time, long Debug, long Info, long Warn, long Error, long Total)
{
    public static HistogramBucket Of(ulong nanos, MetricsPoint point) => new(
        Timestamps.ToText(nanos), point[Level.Debug], point[Level.Info], point[Level.Warn], point[Level.Error], point.Count);
}
