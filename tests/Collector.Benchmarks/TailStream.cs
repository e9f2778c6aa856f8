using System.Diagnostics;
using Collector.Benchmarks.Load;
using Collector.Benchmarks.Support;

namespace Collector.Benchmarks;

/// <summary>
/// Tail events over one call and over fifty, each acknowledged when it is on disk. The producers are in this process, so
/// that they and Collector share the cores; Collector's CPU is its own. A tenth of the events goes before, to be warm.
/// </summary>
internal sealed class TailStream : IBenchmark
{
    // As many unacknowledged events as the queue takes without the spool.
    private const int Window = 50_000;

    public string Name => "tail-stream";

    public string What => "events/s over one stream and over 50, and CPU per event (--rows 500000)";

    public async Task RunAsync(Arguments arguments, Verdicts verdicts)
    {
        var events = Math.Max(10_000, arguments.Number("--rows", 500_000));
        foreach (var streams in new[] { 1, 50 })
        {
            using var folder = new Folder();
            await using var collector = await CollectorRun.StartAsync(folder.Path);
            await SendAsync(collector, streams, events / 10);
            var (cpu, since) = (collector.Figures.CpuSeconds, Stopwatch.GetTimestamp());
            var acks = await SendAsync(collector, streams, events);
            var seconds = Stopwatch.GetElapsedTime(since).TotalSeconds;
            cpu = collector.Figures.CpuSeconds - cpu;
            var spooled = await collector.MetricAsync("collector_spool_requests_in_total");
            var total = (await collector.GetAsync("api/ledger")).GetProperty("total");
            Verdicts.Note($"{streams} streams: {events / seconds:#,##0} events/s, {cpu * 1e6 / events:0.0} µs CPU an event, {acks:#,##0} acknowledgements, {collector.Figures.ResidentMegabytes:0} MB resident, {spooled:0} requests by the spool; {total}");
        }
    }

    private static async Task<long> SendAsync(CollectorRun collector, int streams, long events)
    {
        using var client = new HttpClient(new SocketsHttpHandler());
        var loads = Enumerable.Range(0, streams)
            .Select(number => new StreamLoad(collector.Grpc, number, events / streams, Window / streams)).ToArray();
        await Task.WhenAll(loads.Select(load => Task.Run(() => load.RunAsync(client))));
        return loads.Sum(static load => load.Acknowledgements);
    }
}
