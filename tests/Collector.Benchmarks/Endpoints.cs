using Collector.Benchmarks.Load;
using Collector.Benchmarks.Support;

namespace Collector.Benchmarks;

/// <summary>Every address of the API over a week of rows: idle, and while 10,000 records a second are offered.</summary>
internal sealed class Endpoints : IBenchmark
{
    private const int Offered = 10_000;
    private const int Times = 50;

    public string Name => "endpoints";

    public string What => "p50 and p99 of every endpoint among --rows (1000000) over 7 days, idle and under 10,000 records/s";

    public async Task RunAsync(Arguments arguments, Verdicts verdicts)
    {
        var rows = Math.Max(10_000, arguments.Number("--rows", 1_000_000));
        using var folder = new Folder();
        await StoredWeek.FillAsync(folder.Path, rows);
        await using var collector = await CollectorRun.StartAsync(folder.Path);
        using var questions = new Questions(collector.Web, rows);
        var idle = await MeasureAsync(questions);
        var load = LoadProcess.RunAsync(new LoadOrder(collector.Grpc, Offered * arguments.Number("--seconds", 90)) { First = rows * 2, Rate = Offered });
        var loaded = await MeasureAsync(questions);
        var isLoadedToTheEnd = !load.IsCompleted;

        Console.WriteLine("| endpoint | idle p50 ms | p99 ms | under load p50 ms | p99 ms | refused idle, under load |\n|---|---|---|---|---|---|");
        foreach (var ((name, _), i) in questions.All.Select(static (query, i) => (query, i)))
        {
            Console.WriteLine(FormattableString.Invariant(
                $"| {name} | {idle[i].P50:0.0} | {idle[i].P99:0.0} | {loaded[i].P50:0.0} | {loaded[i].P99:0.0} | {idle[i].Refused}, {loaded[i].Refused} of {Times} |"));
        }

        Verdicts.Note($"{rows} rows; the load went on to the end: {isLoadedToTheEnd}; {(await load).RowsPerSecond:0} records/s taken, acknowledgement p99 {(await load).P99:0.0} ms");
        var (trace, metrics) = (IndexOf(questions, "10,000 spans"), IndexOf(questions, "metrics, 7 days by"));
        verdicts.Below(200, "a trace of 10,000 spans, idle p50", idle[trace].P50, "ms");
        verdicts.Below(200, "a trace of 10,000 spans, under load p50", loaded[trace].P50, "ms");
        verdicts.Below(300, $"metrics of 7 days with {rows} rows, idle p50", idle[metrics].P50, "ms");
    }

    private static int IndexOf(Questions questions, string part) =>
        questions.All.Select(static (q, i) => (q.Name, Index: i)).First(q => q.Name.Contains(part, StringComparison.Ordinal)).Index;

    private static async Task<List<Waits>> MeasureAsync(Questions questions)
    {
        var all = new List<Waits>();
        foreach (var (_, target) in questions.All)
        {
            all.Add(await questions.AskAsync(target, Times));
        }

        return all;
    }
}
