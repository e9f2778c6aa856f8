using Xunit.Abstractions;

namespace Collector.Tests.Storage.Sqlite.Salvage;

/// <summary>A page of a file is overwritten, as a bad disk would. The long form is in <c>LongRuns</c>.</summary>
public sealed class DamagedPageTests(ITestOutputHelper output)
{
    [Fact]
    public Task Every_question_is_answered_around_a_damaged_page_and_what_is_missing_is_named() => RunAsync(trials: 25, seed: 1);

    internal async Task RunAsync(int trials, int seed)
    {
        using var trial = await PageTrial.CreateAsync();
        for (var i = 0; i < trials; i++)
        {
            output.WriteLine(await trial.RunAsync((seed * 1_000_000) + i));
        }
    }
}
