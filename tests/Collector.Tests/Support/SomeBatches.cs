using Collector.Model;

namespace Collector.Tests.Support;

/// <summary>Batches of every shape, by a seed.</summary>
internal static class SomeBatches
{
    public static RowBatch Random(Random random)
    {
        var rows = Enumerable.Range(0, random.Next(0, 12)).Select(_ => new SomeRow
        {
            Worker = $"worker-{random.Next(3)}",
            RequestId = Maybe(random),
            Correlation = $"correlation-{random.Next(5)}",
            Message = new string('m', random.Next(0, 60)),
            Context = Maybe(random),
            Outcome = Maybe(random),
            Level = (Level)random.Next(4),
            Kind = (Kind)random.Next(4),
            Nanos = (ulong)random.NextInt64(),
            CpuMs = random.Next(2) == 0 ? null : random.NextInt64(),
            WallMs = random.Next(2) == 0 ? null : random.NextDouble() * 1000,
            Trace = new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64()),
            Span = (ulong)random.NextInt64(),
            ParentSpan = (ulong)random.NextInt64(),
            Resource = Maybe(random),
        }).ToArray();
        var batch = Some.Batch(rows);
        batch.Key = random.Next(2) == 0 ? null : Key(random);
        batch.Stream = random.Next(2) == 0 ? null : Part(random, rows.Length);
        return batch;
    }

    public static RequestKey Key(Random random) => new(
        new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64()),
        new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64()));

    private static StreamPart Part(Random random, int events)
    {
        var part = new StreamPart($"stream ü {random.Next(5)}");
        var next = (ulong)random.Next(1, 1000);
        for (var i = 0; i < events; i++, next += (ulong)random.Next(1, 3))
        {
            part.Add(next);
        }

        return part;
    }

    public static RequestKey Key(int number) => new(0, (UInt128)number);

    private static string? Maybe(Random random) => random.Next(2) == 0 ? null : $"{{\"a\":{random.Next(100)}}}";
}
