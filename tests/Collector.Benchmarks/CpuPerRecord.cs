using Collector.Benchmarks.Load;
using Collector.Benchmarks.Reference;
using Collector.Benchmarks.Support;

namespace Collector.Benchmarks;

/// <summary>
/// The first segment's rows warm Collector up; then CPU is measured until the last of the full segments is sealed. The
/// floor pays for as many rows and as many indexed rows, in transactions of the size that was observed. It is measured
/// half before and half after, so that a machine that changes its pace meanwhile changes both. Segments have their usual
/// size: in a short run half a microsecond a record is the compiler's.
/// </summary>
internal sealed class CpuPerRecord : IBenchmark
{
    private const int Segments = 4;

    // Until it is known what Collector's are.
    private const int DefaultTransaction = 700;

    public string Name => "cpu-per-record";

    public string What => "CPU per OTLP/gRPC log record, index building included, against bare SQLite (--rows 4000000)";

    public async Task RunAsync(Arguments arguments, Verdicts verdicts)
    {
        var segment = Math.Max(1_000, arguments.Number("--rows", 4_000_000) / Segments / 100 * 100);
        var rows = segment * Segments;
        var (append, index) = Floor(segment, DefaultTransaction);
        double cpu;
        int transaction;
        long sealedRows;
        using (var folder = new Folder())
        {
            await using var collector = await CollectorRun.StartAsync(folder.Path, $"--Storage:SegmentRows={segment}");
            await LoadProcess.RunAsync(new LoadOrder(collector.Grpc, segment));
            var (cpuBefore, commitsBefore) = (collector.Figures.CpuSeconds, await CommitsAsync(collector));
            var load = await LoadProcess.RunAsync(new LoadOrder(collector.Grpc, rows) { First = segment });
            var commits = await CommitsAsync(collector) - commitsBefore;
            await collector.SealedAsync();
            cpu = collector.Figures.CpuSeconds - cpuBefore;
            sealedRows = await collector.SealedRowsAsync();
            transaction = (int)Math.Clamp(rows / Math.Max(1, commits), 100, 20_000);
            Verdicts.Note($"{load.RowsPerSecond:#,##0} rows/s, {transaction} rows a transaction, {sealedRows} rows sealed, load's own CPU {load.CpuSeconds * 1e6 / load.Rows:0.00} µs a record");
        }

        var after = Floor(segment, transaction);
        Verdicts.Note($"floor: append {append:0.00} + indexes {index:0.00} µs a row before, {after.Append:0.00} + {after.Index:0.00} after");
        var floor = ((append + after.Append) / 2) + ((index + after.Index) / 2 * sealedRows / rows);
        verdicts.AtMost(1.5, Name, new Figure(cpu * 1e6 / rows, "µs CPU a record"), new Figure(floor, "µs CPU a row"));
    }

    private static Task<double> CommitsAsync(CollectorRun collector) => collector.MetricAsync("collector_commit_duration_seconds_count");

    // A file for each segment, and one before that to be warm as well. Microseconds of CPU a row.
    private static (double Append, double Index) Floor(long segment, int transaction)
    {
        const int Measured = Segments / 2;
        var append = default(Cost);
        var index = default(Cost);
        var source = new RowSource(100);
        for (var i = 0; i <= Measured; i++)
        {
            using var folder = new Folder();
            using var table = new ReferenceTable(folder.File("floor.db"), keepsIndexesLive: false);
            var (appended, indexed) = (table.Append(source, segment, transaction), table.BuildIndexes());
            append += i == 0 ? default : appended;
            index += i == 0 ? default : indexed;
        }

        return (append.Cpu * 1e6 / (segment * Measured), index.Cpu * 1e6 / (segment * Measured));
    }
}
