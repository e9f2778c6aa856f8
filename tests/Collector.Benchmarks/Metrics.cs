using Collector.Benchmarks.Load;
using Collector.Benchmarks.Support;

namespace Collector.Benchmarks;

/// <summary>Figures of a whole week by the hour, by the three hours, and of one worker.</summary>
internal sealed class Metrics : IBenchmark
{
    public string Name => "metrics";

    public string What => "/api/metrics of 7 days with --rows (10000000)";

    public async Task RunAsync(Arguments arguments, Verdicts verdicts)
    {
        var rows = Math.Max(10_000, arguments.Number("--rows", 10_000_000));
        using var folder = new Folder();
        await StoredWeek.FillAsync(folder.Path, rows);
        await using var collector = await CollectorRun.StartAsync(folder.Path);
        using var questions = new Questions(collector.Web, rows);
        foreach (var target in new[] { "api/metrics?from=7d", "api/metrics?from=7d&step=1h", "api/metrics?from=7d&step=30m&worker=service-3" })
        {
            var before = collector.Figures.CpuSeconds;
            var waits = await questions.AskAsync(() => target, 30);
            var cpu = (collector.Figures.CpuSeconds - before) / 33 * 1000;
            Verdicts.Note($"{target}: p50 {Quantile.Of(waits, 0.5):0.0} ms, max {Quantile.Of(waits, 1):0.0} ms, CPU {cpu:0.0} ms a question");
            verdicts.Below(300, $"{target} among {rows} rows, p50", Quantile.Of(waits, 0.5), "ms");
        }
    }
}
