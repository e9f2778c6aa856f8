using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

public sealed class CrashTests
{
    [Fact]
    public async Task Every_acknowledged_record_is_there_exactly_once_after_five_kills()
    {
        using var folder = new TemporaryFolder();
        using var oracle = new CrashOracle(folder.Path, kills: 5, seed: 1);

        var figures = await oracle.RunAsync();

        figures.ShouldBeClean();
    }

    [Fact]
    public async Task Kills_while_segments_are_being_sealed_lose_and_double_nothing_and_the_next_start_goes_on()
    {
        using var folder = new TemporaryFolder();
        using var oracle = new CrashOracle(folder.Path, kills: 6, seed: 3, records: 100, settings: ["--Storage:SegmentRows=1000"]);

        (await oracle.RunAsync()).ShouldBeClean();

        await using var collector = await CollectorProcess.StartOnAsync(folder.Path);
        await Eventually.IsSoAsync(async () => await UnsealedAsync(collector) == 0, () => collector.Log);
        var storage = await collector.GetJsonAsync("/api/storage");
        storage.GetProperty("segments").GetArrayLength().ShouldBeGreaterThan(6);
        Directory.GetFiles(folder.Path).ShouldNotContain(static file => file.EndsWith(".damaged", StringComparison.Ordinal));
        collector.Log.ShouldNotContain("could not be sealed");
    }

    [Fact]
    public async Task Kills_while_segments_are_being_deleted_leave_the_newest_rows_and_no_rest_of_the_old()
    {
        const int Padding = 20_000;
        using var folder = new TemporaryFolder();
        using var producer = new Producer();
        string[] settings = ["--Retention:MaxBytes=16777216", "--Storage:SegmentBytes=1048576"];
        var sent = 0;
        for (var kill = 0; kill < 5; kill++)
        {
            await using var collector = await CollectorProcess.StartOnAsync(folder.Path, settings);
            for (var i = 0; i < 400; i++)
            {
                await Eventually.IsSoAsync(() => producer.IsAcknowledgedAsync(collector, sent, Padding), () => collector.Log);
                sent++;
            }

            await collector.KillAsync();
        }

        await using var last = await CollectorProcess.StartOnAsync(folder.Path, settings);
        await last.SettledAsync();
        await Eventually.IsSoAsync(
            () => Directory.GetFiles(folder.Path, "*.deleted").Length == 0, () => string.Join(' ', Directory.GetFiles(folder.Path)));
        var found = await last.MessagesAsync("producer");
        found.Count.ShouldBeInRange(300, sent - 400, "old ones went, and no more than had to");
        found.ShouldBe(Enumerable.Range(sent - found.Count, found.Count).SelectMany(producer.Messages));
        (await last.LedgerAsync()).Stored.ShouldBe(sent, "deleted rows are not lost ones");
        (await last.GetJsonAsync("/api/storage")).GetProperty("bytes").GetInt64().ShouldBeLessThan(18 << 20);
        Directory.GetFiles(folder.Path).ShouldNotContain(static file => file.EndsWith(".damaged", StringComparison.Ordinal));
    }

    private static async Task<int> UnsealedAsync(CollectorProcess collector) =>
        (await collector.GetJsonAsync("/api/status")).GetProperty("store").GetProperty("unsealed").GetInt32();
}
