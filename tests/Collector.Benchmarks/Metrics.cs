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
            var (waits, cpu) = await AskAsync(collector, questions, target, 30);
            Verdicts.Note($"{target}: p50 {waits.P50:0.0} ms, max {waits.Of(1):0.0} ms, CPU {cpu:0.0} ms a question");
            verdicts.Below(300, $"{target} among {rows} rows, p50", waits.P50, "ms");
        }

        // No whole minutes, so that nothing that is kept serves them: of a million rows, for the time that one may take.
        var days = FormattableString.Invariant($"{Math.Max(1, 7 * Math.Min(rows, 1_000_000) / rows)}d");
        var read = Math.Min(rows, Math.Max(rows / 7, 1_000_000));
        string[] fromRows =
        [
            $"api/metrics?from={days}&step=701s", $"api/metrics?from={days}&step=701s&kind=request",
            $"api/metrics?from={days}&step=701s&worker=service-3", $"api/logs/histogram?from={days}&step=701s&level=warn",
        ];
        foreach (var target in fromRows)
        {
            var (waits, cpu) = await AskAsync(collector, questions, target, 5);
            Verdicts.Note($"{target}: p50 {waits.P50:0.0} ms, CPU {cpu:0.0} ms a question, {cpu * 1000 / read:0.00} µs for each of {read} rows in its time");
        }
    }

    // CPU in milliseconds a question, the uncounted first ones among them.
    private static async Task<(Waits Waits, double Cpu)> AskAsync(CollectorRun collector, Questions questions, string target, int times)
    {
        var before = collector.Figures.CpuSeconds;
        var waits = await questions.AskAsync(() => target, times);
        return (waits, (collector.Figures.CpuSeconds - before) / (times + 3) * 1000);
    }
}
