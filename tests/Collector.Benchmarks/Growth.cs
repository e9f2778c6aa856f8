using Collector.Benchmarks.Load;
using Collector.Benchmarks.Support;

namespace Collector.Benchmarks;

/// <summary>Loads all rows without a pause and looks after each tenth of them, while lookups go on.</summary>
internal sealed class Growth : IBenchmark
{
    private const int Stretches = 10;

    // Twice what the page cache takes of the files: the more is held, the less that the machine gives is new to it.
    private const long PagesOfARow = 1_600;

    public string Name => "growth";

    public string What => "rate, CPU, memory, bytes and lookups at every tenth of --rows (10000000)";

    public async Task RunAsync(Arguments arguments, Verdicts verdicts)
    {
        var stretch = Math.Max(1_000, arguments.Number("--rows", 10_000_000) / Stretches / 100 * 100);
        // With ten million rows this is the default, a million a segment.
        var segment = Math.Min(1_000_000, stretch);
        using var folder = new Folder();
        await using var ready = ReadyMemory.Take(PagesOfARow * stretch * Stretches);
        await using var collector = await CollectorRun.StartAsync(folder.Path, $"--Storage:SegmentRows={segment}");
        var there = 0L;
        using var lookups = new Lookups(collector.Web, () => Interlocked.Read(ref there));
        await LoadProcess.RunAsync(new LoadOrder(collector.Grpc, 1_000));
        Interlocked.Add(ref there, 1_000);
        using var stop = new CancellationTokenSource();
        var asking = lookups.RunAsync(stop.Token);
        var rates = new List<double>();
        var cpu = collector.Figures.CpuSeconds;
        Console.WriteLine("| rows | rows/s | CPU µs/record | resident MB | bytes/row | lookup p50 ms | lookup p99 ms | requests told to retry |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        var order = new LoadOrder(collector.Grpc, stretch * Stretches) { First = 1_000, ReportEvery = stretch };
        await LoadProcess.RunAsync(order, LookAsync);
        await stop.CancelAsync();
        await asking;
        verdicts.AtLeast(0.9, Name, new Figure(rates[^1], "rows/s in the last tenth"), new Figure(rates[2], "rows/s in the third"));

        async Task LookAsync(LoadReport report)
        {
            var now = collector.Figures.CpuSeconds;
            Interlocked.Add(ref there, report.Rows);
            rates.Add(report.RowsPerSecond);
            var store = (await collector.GetAsync("api/status")).GetProperty("store");
            var bytes = store.GetProperty("bytes").GetDouble() / store.GetProperty("rows").GetDouble();
            var waits = lookups.Take();
            Console.WriteLine(
                $"| {there - 1_000} | {report.RowsPerSecond:0} | {(now - cpu) * 1e6 / report.Rows:0.0} | {collector.Figures.ResidentMegabytes:0} | {bytes:0} | {Quantile.Of(waits, 0.5):0.0} | {Quantile.Of(waits, 0.99):0.0} | {report.Refusals} |");
            cpu = now;
        }
    }
}
