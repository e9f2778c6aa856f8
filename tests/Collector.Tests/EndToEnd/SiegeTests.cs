using Collector.Tests.Support;
using Xunit.Abstractions;

namespace Collector.Tests.EndToEnd;

/// <summary>All attacks together, beside a producer that behaves well.</summary>
public sealed class SiegeTests(ITestOutputHelper output)
{
    [Fact]
    public Task A_well_behaved_producer_feels_little_of_all_attacks_at_once() =>
        // A process that has just begun, beside other tests: how long it takes says nothing, and the long run has the bars of the
        // promise.
        RunAsync(output, TimeSpan.FromSeconds(8), mostFailed: 0.2, slowest: null);

    internal static async Task RunAsync(ITestOutputHelper output, TimeSpan length, double mostFailed, TimeSpan? slowest)
    {
        using var folder = new TemporaryFolder();
        // Amplifiers that are within their bounds are stored: their disk is bounded too.
        var (process, log) = await CollectorProcess.TryStartAsync(
            folder.Path, new Wrapping(["prlimit", "--nofile=1024"]), "--Retention:MaxBytes=4294967296");
        await using var collector = process.ShouldNotBeNull(log);
        using var siege = new Siege(collector);

        await siege.RunAsync(length);

        var figures = siege.Figures;
        var peak = collector.PeakMemory;
        output.WriteLine($"{figures}");
        output.WriteLine($"peak memory {peak >> 20} MiB; {await collector.LedgerAsync()}");
        (await collector.SettledAsync()).IsBalanced.ShouldBeTrue();
        var kept = (await collector.GetJsonAsync("/api/ledger")).GetProperty("producers").EnumerateArray()
            .Single(static one => one.GetProperty("worker_name").GetString() == Siege.Worker);
        kept.GetProperty("stored").GetInt64().ShouldBe(siege.Acknowledged, $"{kept}");
        figures.Lost.ShouldBe(0);
        figures.Attacks.ShouldBeGreaterThan(0);
        figures.FailedAtFirst.ShouldBeLessThanOrEqualTo((int)(figures.Exports * mostFailed), collector.Log);
        figures.P99.ShouldBeLessThan(slowest ?? TimeSpan.MaxValue);
        peak.ShouldBeLessThan(400L << 20);
    }
}
