using Collector.Benchmarks.Load;
using Collector.Benchmarks.Support;
using Collector.Model;
using Collector.Storage.Sqlite.Driver;

namespace Collector.Benchmarks;

/// <summary>
/// Five segments are loaded, and their meta rows are then made to say that their newest row came seven days ago less
/// half a minute: at the pass of retention one minute after the next start, all of them leave at once. Producers' waits in
/// the stretches in which segments left are compared with those in the others of the same load.
/// </summary>
internal sealed class Deletion : IBenchmark
{
    private const int Offered = 10_000;
    private const int Segments = 5;
    private const int Stretches = 8;

    // Retention:MaxAge's default, and a pass a minute.
    private static readonly TimeSpan _age = TimeSpan.FromDays(7) - TimeSpan.FromSeconds(30);

    public string Name => "deletion";

    public string What => "acknowledgement p99.9 while a day of --rows (5000000) leaves under 10,000 records/s (--seconds 120)";

    public async Task RunAsync(Arguments arguments, Verdicts verdicts)
    {
        using var folder = new Folder();
        var segment = Math.Max(1_000, arguments.Number("--rows", 5_000_000) / Segments);
        await FillAsync(folder.Path, segment);
        foreach (var path in Directory.EnumerateFiles(folder.Path, "segment-*.db").Order().Take(Segments))
        {
            MakeOld(path);
        }

        // Not less: the deletion comes a minute after the start, and needs stretches before and after it.
        var seconds = Math.Max(100, arguments.Number("--seconds", 120));
        await using var collector = await CollectorRun.StartAsync(folder.Path);
        var (without, deleting) = await OfferAsync(collector, seconds, segment * Segments * 2);
        var removed = await collector.MetricAsync("collector_retention_rows_total");
        Verdicts.Note($"{removed:0} rows left");
        if (deleting.Count == 0 || without.Count == 0 || removed < segment * Segments * 0.9)
        {
            throw new InvalidOperationException("The segments have not left while the load was offered: nothing was measured.");
        }

        verdicts.AtMost(2, $"{Name}, acknowledgement p99.9", new Figure(deleting.Max(), "ms"), new Figure(without.Max(), "ms without"));
    }

    private static async Task FillAsync(string folder, long segment)
    {
        await using var collector = await CollectorRun.StartAsync(folder, $"--Storage:SegmentRows={segment}");
        await LoadProcess.RunAsync(new LoadOrder(collector.Grpc, (segment * Segments) + (segment / 10)));
        await collector.SealedAsync();
        await collector.StopAsync();
    }

    private static void MakeOld(string path)
    {
        using var connection = Connections.OpenExistingWriter(path);
        using (var update = connection.Prepare("UPDATE segment_meta SET last_arrival = ?1 WHERE state = 'sealed'"))
        {
            update.BindTime(1, Timestamps.ToNanos(TimeProvider.System.GetUtcNow() - _age));
            update.Execute();
        }

        // Opening it to write has put it into WAL mode; sealed files are in none.
        using var leave = connection.Prepare(Sql.Get("leave_wal"));
        leave.Step();
    }

    // p99.9 of each stretch in milliseconds, by whether segments left in it. The first stretch compiles the code.
    private static async Task<(List<double> Without, List<double> Deleting)> OfferAsync(CollectorRun collector, long seconds, long first)
    {
        var without = new List<double>();
        var deleting = new List<double>();
        var (number, removed) = (0, 0.0);
        // Small requests, so that a stretch has enough of them for a p99.9.
        var order = new LoadOrder(collector.Grpc, Offered * seconds)
        {
            First = first,
            Rate = Offered,
            RecordsPerRequest = 10,
            InFlight = 64,
            ReportEvery = Offered * seconds / Stretches,
        };
        await LoadProcess.RunAsync(order, LookAsync);
        return (without, deleting);

        async Task LookAsync(LoadReport report)
        {
            var now = await collector.MetricAsync("collector_retention_segments_total");
            var kind = now > removed ? deleting : without;
            Verdicts.Note($"{report.Rows} rows at {report.RowsPerSecond:0}/s, p99 {report.P99:0.0} ms, p99.9 {report.P999:0.0} ms, max {report.Max:0.0} ms, segments gone: {now:0}");
            if (number++ > 0)
            {
                kind.Add(report.P999);
            }

            removed = now;
        }
    }
}
