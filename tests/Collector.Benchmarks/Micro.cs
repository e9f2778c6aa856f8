using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Collector.Benchmarks.Support;

namespace Collector.Benchmarks;

/// <summary>Decoder, batch assembly and append by BenchmarkDotNet, with the allocation column.</summary>
internal sealed class Micro : IBenchmark
{
    public string Name => "micro";

    public string What => "decoder, batch assembly, append: time and allocation a record (BenchmarkDotNet)";

    public Task RunAsync(Arguments arguments, Verdicts verdicts)
    {
        using var artifacts = new Folder();
        // In this process: a project that BenchmarkDotNet generates would not have the pinned packages.
        var job = Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance);
        var config = DefaultConfig.Instance.AddJob(job).WithArtifactsPath(artifacts.Path);
        var summary = BenchmarkRunner.Run<MicroBenchmarks>(config);
        var allocated = Of(summary, nameof(MicroBenchmarks.Decode)) + Of(summary, nameof(MicroBenchmarks.AssembleBatch));
        verdicts.Below(64, $"{Name}, allocation of decoder and batch assembly", allocated, "bytes a record");
        return Task.CompletedTask;
    }

    private static double Of(Summary summary, string method)
    {
        var report = summary.Reports.Single(r => r.BenchmarkCase.Descriptor.WorkloadMethod.Name == method);
        return report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase)
            ?? throw new InvalidOperationException($"BenchmarkDotNet has not measured what {method} allocates.");
    }
}
