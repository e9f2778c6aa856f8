using Collector.Benchmarks.Load;
using Collector.Benchmarks.Support;
using Collector.Storage.Sqlite.Segments;

namespace Collector.Benchmarks;

/// <summary>
/// Managed memory allocated a record: by the whole process but for the index in memory, which is the store's. The way
/// from socket to queue, and all that happens afterwards, so that the true figure is below this one.
/// </summary>
internal sealed class Allocation : IBenchmark
{
    public string Name => "allocation";

    public string What => "managed bytes allocated per record, without the hot index (--rows 500000)";

    public async Task RunAsync(Arguments arguments, Verdicts verdicts)
    {
        var rows = Math.Max(10_000, arguments.Number("--rows", 500_000));
        using var folder = new Folder();
        await using var collector = await CollectorRun.StartAsync(folder.Path, $"--Storage:SegmentRows={Math.Min(10_000_000, rows * 3)}");
        // Pools fill and code is compiled.
        await LoadProcess.RunAsync(new LoadOrder(collector.Grpc, rows));
        var before = await AllocatedAsync(collector);
        await LoadProcess.RunAsync(new LoadOrder(collector.Grpc, rows) { First = rows });
        var bytes = (await AllocatedAsync(collector) - before) / rows;
        Verdicts.Note($"{bytes:0} bytes a record by the whole process");
        verdicts.Below(64, Name, bytes - HotBlock.BytesOfRow, "bytes a record, without the index");
    }

    private static Task<double> AllocatedAsync(CollectorRun collector) => collector.MetricAsync("collector_process_allocated_bytes_total");
}
