using Collector.Benchmarks.Load;
using Collector.Benchmarks.Reference;
using Collector.Benchmarks.Support;

namespace Collector.Benchmarks;

/// <summary>
/// Collector twice, appending only and with sealing running, and a table with all indexes live, 100 rows a transaction,
/// of which the last stretch counts: that is how fast it is at so many rows. With sealing, the clock runs until the last
/// full segment is sealed, so that nothing is left to be paid later.
/// </summary>
internal sealed class Rate : IBenchmark
{
    private const int Stretches = 20;

    public string Name => "rate";

    public string What => "rows/s against a writer that keeps all indexes live (--rows 2000000)";

    public async Task RunAsync(Arguments arguments, Verdicts verdicts)
    {
        var rows = Math.Max(20_000, arguments.Number("--rows", 2_000_000));
        var appending = await AppendingAsync(rows);
        var sealing = await SealingAsync(rows);
        var live = Live(rows);
        verdicts.AtLeast(5, $"{Name}, appending", new Figure(appending, "rows/s"), new Figure(live, "rows/s"));
        verdicts.AtLeast(3, $"{Name}, with sealing", new Figure(sealing, "rows/s"), new Figure(live, "rows/s"));
    }

    private static async Task<double> AppendingAsync(long rows)
    {
        using var folder = new Folder();
        await using var collector = await CollectorRun.StartAsync(
            folder.Path, $"--Storage:SegmentRows={Math.Min(10_000_000, rows * 2)}", "--Storage:SegmentBytes=68719476736");
        await LoadProcess.RunAsync(new LoadOrder(collector.Grpc, rows / Stretches));
        var load = await LoadProcess.RunAsync(new LoadOrder(collector.Grpc, rows) { First = rows });
        return load.RowsPerSecond;
    }

    private static async Task<double> SealingAsync(long rows)
    {
        var segment = Math.Max(1_000, rows / 4);
        using var folder = new Folder();
        await using var collector = await CollectorRun.StartAsync(folder.Path, $"--Storage:SegmentRows={segment}");
        await LoadProcess.RunAsync(new LoadOrder(collector.Grpc, segment));
        var since = System.Diagnostics.Stopwatch.GetTimestamp();
        var load = await LoadProcess.RunAsync(new LoadOrder(collector.Grpc, rows) { First = rows });
        await collector.SealedAsync();
        var seconds = System.Diagnostics.Stopwatch.GetElapsedTime(since).TotalSeconds;
        Verdicts.Note($"with sealing: {load.RowsPerSecond:#,##0} rows/s acknowledged, {load.Refusals} requests told to retry, {await collector.SealedRowsAsync()} rows sealed");
        return rows / seconds;
    }

    // The way to the last stretch is shortened by large transactions; the B-trees come out the same.
    private static double Live(long rows)
    {
        var last = rows / Stretches;
        using var folder = new Folder();
        using var table = new ReferenceTable(folder.File("live.db"), keepsIndexesLive: true);
        var source = new RowSource(100);
        var before = table.Append(source, rows - last, rowsPerTransaction: 10_000);
        var cost = table.Append(source, last, rowsPerTransaction: 100);
        Verdicts.Note($"all indexes live: {cost.Cpu * 1e6 / last:0.0} µs CPU a row in the last {last} rows; {before.Cpu * 1e6 / (rows - last):0.0} before, in transactions of 10,000");
        return last / cost.Wall;
    }
}
