using System.Collections.Concurrent;
using System.Net;
using Collector.Benchmarks.Load;
using Collector.Benchmarks.Support;

namespace Collector.Benchmarks;

/// <summary>
/// Producers' waits at 10,000 records a second, by stretches of one load: in every other stretch ten askers put one
/// question after the other without a pause.
/// </summary>
internal sealed class Queries : IBenchmark
{
    private const int Offered = 10_000;
    private const int Askers = 10;
    private const int Stretches = 12;

    public string Name => "queries";

    public string What => "acknowledgements under 10,000 records/s with 10 concurrent queries over --rows (1000000), --seconds (60)";

    public async Task RunAsync(Arguments arguments, Verdicts verdicts)
    {
        var rows = Math.Max(10_000, arguments.Number("--rows", 1_000_000));
        using var folder = new Folder();
        await StoredWeek.FillAsync(folder.Path, rows);
        await using var collector = await CollectorRun.StartAsync(folder.Path);
        using var questions = new Questions(collector.Web, rows);
        await questions.AskAsync(() => "api/logs", 20);
        var seconds = Math.Max(Stretches, arguments.Number("--seconds", 60));
        var (alone, asked) = (new List<LoadReport>(), new List<LoadReport>());
        var (answers, refusals, number) = (0L, 0L, 0);
        var slowest = new ConcurrentDictionary<string, double>();
        using var end = new CancellationTokenSource();
        var askers = new SemaphoreSlim(0);
        var isAsking = false;
        var asking = Task.WhenAll(Enumerable.Range(0, Askers).Select(i => Task.Run(() => AskAsync(i))));
        var order = new LoadOrder(collector.Grpc, Offered * seconds)
        {
            First = rows * 2,
            Rate = Offered,
            RecordsPerRequest = 50,
            InFlight = 32,
            ReportEvery = Offered * seconds / Stretches,
        };
        await LoadProcess.RunAsync(order, LookAsync);
        Volatile.Write(ref isAsking, false);
        await end.CancelAsync();
        await asking;

        Verdicts.Note($"{answers} questions answered, {refusals} told to come again; the slowest: {string.Join("; ", slowest.OrderByDescending(static one => one.Value).Take(5).Select(static one => $"{one.Key} {one.Value:#,##0} ms"))}");
        foreach (var (name, of) in new (string, Func<LoadReport, double>)[] { ("p50", static r => r.P50), ("p99", static r => r.P99) })
        {
            verdicts.AtMost(1.2, $"{Name}, acknowledgement {name}", new Figure(Median(asked, of), "ms"), new Figure(Median(alone, of), "ms alone"));
        }

        Task LookAsync(LoadReport report)
        {
            // The first two compile the code.
            var was = Volatile.Read(ref isAsking);
            if (number > 1)
            {
                (was ? asked : alone).Add(report);
            }

            Verdicts.Note($"{(was ? "asked" : "alone")}: {report.RowsPerSecond:0}/s, p50 {report.P50:0.00} ms, p99 {report.P99:0.0} ms, {Interlocked.Read(ref answers)} answers so far");
            Volatile.Write(ref isAsking, number++ % 2 == 0);
            askers.Release(Askers);
            return Task.CompletedTask;
        }

        async Task AskAsync(int asker)
        {
            using var mine = new Questions(collector.Web, rows);
            var all = mine.All;
            for (var i = asker; !end.IsCancellationRequested; i++)
            {
                if (!Volatile.Read(ref isAsking))
                {
                    await Task.WhenAny(askers.WaitAsync(end.Token), Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System));
                    continue;
                }

                try
                {
                    var (name, target) = all[i % all.Count];
                    var wait = await mine.AskAsync(target());
                    slowest.AddOrUpdate(name, wait, (_, longest) => Math.Max(longest, wait));
                    Interlocked.Increment(ref answers);
                }
                catch (HttpRequestException e) when (e.StatusCode == HttpStatusCode.ServiceUnavailable)
                {
                    Interlocked.Increment(ref refusals);
                }
            }
        }
    }

    private static double Median(List<LoadReport> reports, Func<LoadReport, double> of) => Quantile.Of([.. reports.Select(of).Order()], 0.5);
}
