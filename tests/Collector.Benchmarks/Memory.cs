using Collector.Benchmarks.Load;
using Collector.Benchmarks.Support;

namespace Collector.Benchmarks;

/// <summary>Resident memory: fresh and idle, the highest under full load with sealing, and idle again.</summary>
internal sealed class Memory : IBenchmark
{
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(200);

    public string Name => "memory";

    public string What => "resident MB at full load (--rows 3000000) and idle (--seconds 30 of it)";

    public async Task RunAsync(Arguments arguments, Verdicts verdicts)
    {
        var idle = TimeSpan.FromSeconds(arguments.Number("--seconds", 30));
        using var folder = new Folder();
        await using var collector = await CollectorRun.StartAsync(folder.Path);
        await Task.Delay(idle, TimeProvider.System);
        var fresh = collector.Figures.ResidentMegabytes;
        var load = LoadProcess.RunAsync(new LoadOrder(collector.Grpc, arguments.Number("--rows", 3_000_000)));
        var highest = 0.0;
        while (await Task.WhenAny(load, Task.Delay(_look, TimeProvider.System)) != load)
        {
            highest = Math.Max(highest, collector.Figures.ResidentMegabytes);
        }

        Verdicts.Note($"{(await load).RowsPerSecond:#,##0} rows/s, {(await load).Refusals} requests told to retry");
        await collector.SealedAsync();
        await Task.Delay(idle, TimeProvider.System);
        verdicts.Below(200, $"{Name} at full load, highest", highest, "MB");
        verdicts.Below(80, $"{Name} idle, fresh", fresh, "MB");
        verdicts.Below(80, $"{Name} idle, after the load", collector.Figures.ResidentMegabytes, "MB");
    }
}
