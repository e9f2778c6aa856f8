using System.Text;
using Collector.Model;

namespace Collector.Tests.Support;

/// <summary>Arbitrary values for tests.</summary>
internal static class Some
{
    /// <summary>2026-11-23T12:00:00Z.</summary>
    public const ulong Noon = 1_795_435_200_000_000_000;

    public static readonly LogIdSequence Ids = new();

    /// <summary>A batch as a receiver would fill it, with ids of its own.</summary>
    public static RowBatch Batch(params SomeRow[] rows) => Batch(Noon, rows);

    public static RowBatch Batch(ulong receivedNanos, params SomeRow[] rows)
    {
        var allowance = Unbounded.Instance;
        var batch = new RowBatch(new ByteBuffer(allowance), allowance, receivedNanos)
        {
            FirstLogId = Ids.Reserve(Math.Max(1, rows.Length), receivedNanos),
        };
        var resources = new Dictionary<string, int>();
        foreach (var row in rows)
        {
            batch.Add(Convert(batch, row, resources));
        }

        return batch;
    }

    private static Row Convert(RowBatch batch, SomeRow row, Dictionary<string, int> resources) => new()
    {
        // Half in the body and half in the built text, as it is in life.
        Worker = Body(batch, row.Worker),
        RequestId = Built(batch, row.RequestId),
        CorrelationId = Built(batch, row.Correlation),
        Level = row.Level,
        Message = Body(batch, row.Message),
        Context = Built(batch, row.Context),
        TimestampNanos = row.Nanos,
        ExecutionTimeMs = row.CpuMs,
        Kind = row.Kind,
        WallTimeMs = row.WallMs,
        TraceId = row.Trace,
        SpanId = row.Span,
        ParentSpanId = row.ParentSpan,
        Outcome = Body(batch, row.Outcome),
        Resource = row.Resource is null ? -1 : ResourceOf(batch, row.Resource, resources),
    };

    private static int ResourceOf(RowBatch batch, string json, Dictionary<string, int> resources)
    {
        if (!resources.TryGetValue(json, out var index))
        {
            index = batch.AddResource(Built(batch, json));
            resources.Add(json, index);
        }

        return index;
    }

    private static Slice Body(RowBatch batch, string? text)
    {
        var bytes = Encoding.UTF8.GetBytes(text ?? "");
        var start = batch.Body.Length;
        batch.Body.Append(bytes);
        return bytes.Length == 0 ? default : Slice.OfBody(start, bytes.Length);
    }

    private static Slice Built(RowBatch batch, string? text)
    {
        var bytes = Encoding.UTF8.GetBytes(text ?? "");
        var start = batch.Built.Length;
        batch.Built.Append(bytes);
        return bytes.Length == 0 ? default : Slice.OfBuilt(start, bytes.Length);
    }
}
