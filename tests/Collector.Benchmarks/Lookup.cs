using Collector.Benchmarks.Load;
using Collector.Benchmarks.Support;

namespace Collector.Benchmarks;

/// <summary>One correlation id among many rows, sealed and hot, while 10,000 records a second are offered.</summary>
internal sealed class Lookup : IBenchmark
{
    private const int Offered = 10_000;

    public string Name => "lookup";

    public string What => "one correlation id among --rows (10000000) for --seconds (30) under 10,000 records/s";

    public async Task RunAsync(Arguments arguments, Verdicts verdicts)
    {
        var rows = Math.Max(10_000, arguments.Number("--rows", 10_000_000));
        using var folder = new Folder();
        await using var collector = await CollectorRun.StartAsync(
            folder.Path, $"--Storage:SegmentRows={Math.Clamp(rows / 10, 1_000, 1_000_000)}");
        await LoadProcess.RunAsync(new LoadOrder(collector.Grpc, rows));
        await collector.SealedAsync();
        using var lookups = new Lookups(collector.Web, () => rows);
        var waits = await WhileOfferedAsync(collector, lookups, rows, arguments.Number("--seconds", 30));
        Verdicts.Note($"{waits.Length} lookups, p50 {Quantile.Of(waits, 0.5):0.00} ms, max {Quantile.Of(waits, 1):0.00} ms");
        verdicts.Below(10, $"{Name} p99 among {rows} rows", Quantile.Of(waits, 0.99), "ms");
    }

    private static async Task<double[]> WhileOfferedAsync(CollectorRun collector, Lookups lookups, long rows, long seconds)
    {
        using var stop = new CancellationTokenSource();
        var warm = LoadProcess.RunAsync(new LoadOrder(collector.Grpc, Offered * 5) { First = rows, Rate = Offered });
        var asking = lookups.RunAsync(stop.Token);
        await warm;
        // The first ones compiled the code and opened the files.
        lookups.Take();
        var load = await LoadProcess.RunAsync(new LoadOrder(collector.Grpc, Offered * seconds) { First = rows * 2, Rate = Offered });
        var waits = lookups.Take();
        await stop.CancelAsync();
        await asking;
        Verdicts.Note($"offered {Offered}, taken {load.RowsPerSecond:0} records/s, acknowledgement p99 {load.P99:0.0} ms");
        return waits;
    }
}
