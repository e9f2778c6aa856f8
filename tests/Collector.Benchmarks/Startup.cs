using System.Diagnostics;
using Collector.Benchmarks.Load;
using Collector.Benchmarks.Support;

namespace Collector.Benchmarks;

/// <summary>From the start of the process to the first 200 of <c>/readyz</c>, on a folder with seven sealed segments.</summary>
internal sealed class Startup : IBenchmark
{
    private const int Segments = 7;
    private const int Starts = 5;

    public string Name => "startup";

    public string What => "start to ready with seven sealed segments of --rows (1400000), as dll and as release file";

    public async Task RunAsync(Arguments arguments, Verdicts verdicts)
    {
        using var folder = new Folder();
        var segment = Math.Max(1_000, arguments.Number("--rows", 1_400_000) / Segments);
        var setting = $"--Storage:SegmentRows={segment}";
        await FillAsync(folder.Path, segment, setting);
        var dll = await MedianAsync(() => CollectorRun.StartAsync(folder.Path, setting));
        verdicts.Below(1, $"{Name}, dotnet Collector.dll", dll, "s");
        using var published = new Folder();
        var release = await PublishAsync(published);
        var file = await MedianAsync(() => CollectorRun.StartAsync(release, [], folder.Path, setting));
        verdicts.Below(0.5, $"{Name}, release file", file, "s");
    }

    private static async Task FillAsync(string folder, long segment, string setting)
    {
        await using var collector = await CollectorRun.StartAsync(folder, setting);
        // A segment may be overshot by a transaction; what is left over stays in the hot one.
        await LoadProcess.RunAsync(new LoadOrder(collector.Grpc, (segment * Segments) + (segment / 2)));
        await collector.SealedAsync();
        Verdicts.Note($"{await collector.SealedRowsAsync()} rows in sealed segments");
        await collector.StopAsync();
    }

    private static async Task<double> MedianAsync(Func<Task<CollectorRun>> start)
    {
        var seconds = new List<double>();
        for (var i = 0; i < Starts; i++)
        {
            await using var collector = await start();
            seconds.Add(collector.TimeToReady.TotalSeconds);
            await collector.StopAsync();
        }

        Verdicts.Note($"starts: {string.Join(", ", seconds.Select(static s => $"{s:0.000}"))} s");
        return seconds.Order().ElementAt(Starts / 2);
    }

    // Everything it makes goes into that folder, so that the checkout's own builds stay as they are.
    private static async Task<string> PublishAsync(Folder folder)
    {
        string[] arguments =
        [
            "publish", Checkout.PathOf("src", "Collector"), "-c", "Release", "-r", "linux-x64", "--self-contained",
            "-p:PublishSingleFile=true", "-p:PublishReadyToRun=true", "--artifacts-path", folder.Path, "-o", folder.File("out"),
        ];
        using var publish = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
        Children.Add(publish);
        var said = await publish.StandardOutput.ReadToEndAsync();
        await publish.WaitForExitAsync();
        Children.Remove(publish);
        return publish.ExitCode == 0
            ? Path.Combine(folder.File("out"), "Collector")
            : throw new InvalidOperationException($"dotnet publish has failed:\n{said}");
    }
}
