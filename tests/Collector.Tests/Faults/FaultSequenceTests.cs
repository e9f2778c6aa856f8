using System.Globalization;
using Collector.Tests.Support;
using Xunit.Abstractions;

namespace Collector.Tests.Faults;

/// <summary>
/// Random sequences of faults, by their seeds. One that failed is run again by itself with its number:
/// <c>FAULT_SEED=17 dotnet test -c Release --filter FullyQualifiedName~FaultSequenceTests</c>
/// </summary>
public sealed class FaultSequenceTests(ITestOutputHelper output)
{
    private const int ShortForm = 8;

    [Fact]
    public async Task After_random_faults_it_starts_and_has_each_acknowledged_row_once_and_accounts_for_the_rest()
    {
        var seed = Environment.GetEnvironmentVariable("FAULT_SEED");
        var seeds = seed is null ? Enumerable.Range(1, ShortForm) : [int.Parse(seed, CultureInfo.InvariantCulture)];

        var report = new FaultReport(output);
        foreach (var number in seeds)
        {
            var plan = FaultPlan.Of(number);
            var figures = await new FaultSequence(plan).RunAsync();
            report.Add("random sequence", $"FAULT_SEED={number}, {plan}", figures);
            if (seed is not null)
            {
                output.WriteLine($"{plan}\n{figures.Log}\n{figures.Ledger}");
            }
        }

        report.ShouldBeClean();
    }
}
