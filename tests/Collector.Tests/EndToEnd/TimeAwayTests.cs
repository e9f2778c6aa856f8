using System.Text.Json;
using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

/// <summary>Times in which Collector did not run are gaps: what was sent then was not received.</summary>
public sealed class TimeAwayTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Producer _producer = new(records: 1);

    [Fact]
    public async Task A_time_between_stop_and_start_is_a_gap_of_every_worker_also_after_a_kill()
    {
        DateTimeOffset stopped, killed;
        await using (var first = await CollectorProcess.StartOnAsync(_folder.Path))
        {
            (await _producer.SendAsync(first, 1))!.Status.ShouldBe(0);
            (await GapsAsync(first)).ShouldBeEmpty("it is the first start on this folder");
            (await first.TerminateAsync()).ShouldBe(0);
            stopped = DateTimeOffset.UtcNow;
        }

        await using (var second = await CollectorProcess.StartOnAsync(_folder.Path))
        {
            var gap = (await GapsAsync(second)).ShouldHaveSingleItem();
            gap.GetProperty("worker_name").GetString().ShouldBe("*");
            gap.GetProperty("reason").GetString().ShouldBe("not_running");
            gap.GetProperty("from").GetDateTimeOffset().ShouldBeLessThanOrEqualTo(stopped);
            gap.GetProperty("to").GetDateTimeOffset().ShouldBeGreaterThanOrEqualTo(stopped);
            (await GapsAsync(second, "&worker=producer")).Count.ShouldBe(1, "a worker's question is told too");
            await second.KillAsync();
            killed = DateTimeOffset.UtcNow;
        }

        await using var third = await CollectorProcess.StartOnAsync(_folder.Path);
        var gaps = await GapsAsync(third);
        gaps.Count.ShouldBe(2);
        gaps[0].GetProperty("from").GetDateTimeOffset().ShouldBeLessThanOrEqualTo(killed);
        gaps[0].GetProperty("to").GetDateTimeOffset().ShouldBeGreaterThanOrEqualTo(killed);
        (await third.SettledAsync()).ShouldBe(Counts.Of(1, stored: 1), "no row was lost");
    }

    public void Dispose()
    {
        _producer.Dispose();
        _folder.Dispose();
    }

    private static async Task<List<JsonElement>> GapsAsync(CollectorProcess collector, string filter = "") =>
        [.. (await collector.GetJsonAsync("/api/logs?from=1h" + filter)).GetProperty("gaps").EnumerateArray()];
}
