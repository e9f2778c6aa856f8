using Collector.Benchmarks.Load;
using Collector.Benchmarks.Support;

namespace Collector.Benchmarks;

/// <summary>
/// Collector's CPU at 10,000 records a second, alone and with readers of <c>/api/live</c>: who watch one level, one worker,
/// or everything (of which each is given 1,000 rows a second). They take gzip, as browsers do; the last ones do not.
/// </summary>
internal sealed class LiveReaders : IBenchmark
{
    private const int Offered = 10_000;
    private const int Readers = 200;

    public string Name => "live-readers";

    public string What => "CPU of 200 live readers at 10,000 records/s, for --seconds (20) each: errors, a worker, everything";

    public async Task RunAsync(Arguments arguments, Verdicts verdicts)
    {
        var seconds = Math.Max(5, arguments.Number("--seconds", 20));
        using var folder = new Folder();
        // Sealing would be paid by whoever watches meanwhile.
        await using var collector = await CollectorRun.StartAsync(folder.Path, "--Storage:SegmentRows=10000000");
        var first = 0L;
        await CpuAsync(_ => "", 0, "gzip");
        var alone = await CpuAsync(_ => "", 0, "gzip");
        foreach (var (name, filter, encoding) in new (string, Func<int, string>, string)[]
        {
            ("errors", _ => "level=error", "gzip"), ("a worker's warnings", i => $"worker=service-{i % 8}&level=warn", "gzip"),
            ("a worker", i => $"worker=service-{i % 8}", "gzip"), ("everything", _ => "", "gzip"),
            ("everything as plain text", _ => "", "identity"),
        })
        {
            var watched = await CpuAsync(filter, Readers, encoding);
            verdicts.AtMost(2.2, $"{Name}, {Readers} who watch {name}", new Figure(watched, "CPU ms/s"), new Figure(alone, "alone"));
        }

        async Task<double> CpuAsync(Func<int, string> filter, int readers, string encoding)
        {
            using var stop = new CancellationTokenSource();
            var bytes = new long[1];
            var watching = Enumerable.Range(0, readers).Select(i => WatchAsync(collector.Web, filter(i), encoding, bytes, stop.Token)).ToArray();
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
            var before = collector.Figures.CpuSeconds;
            var load = await LoadProcess.RunAsync(new LoadOrder(collector.Grpc, Offered * seconds) { First = first, Rate = Offered });
            var cpu = (collector.Figures.CpuSeconds - before) * 1000 / load.Seconds;
            first += Offered * seconds;
            await stop.CancelAsync();
            await Task.WhenAll(watching);
            Verdicts.Note($"{readers} readers of '{filter(0)}', {encoding}: {cpu:0} CPU ms/s, {bytes[0] / load.Seconds / 1e6:0.0} MB/s read, {load.RowsPerSecond:0} records/s, acknowledgement p50 {load.P50:0.0} ms, p99 {load.P99:0.0} ms");
            return cpu;
        }
    }

    private static async Task WatchAsync(Uri web, string filter, string encoding, long[] bytes, CancellationToken stop)
    {
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Add("Accept-Encoding", encoding);
        try
        {
            using var answer = await client.GetAsync(new Uri(web, $"api/live?limit=0&{filter}"), HttpCompletionOption.ResponseHeadersRead, stop);
            await using var events = await answer.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(stop);
            var buffer = new byte[64 * 1024];
            while (await events.ReadAsync(buffer, stop) is > 0 and var read)
            {
                Interlocked.Add(ref bytes[0], read);
            }
        }
        catch (OperationCanceledException)
        {
            // That is how it ends.
        }
    }
}
