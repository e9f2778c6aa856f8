using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

public sealed class OverloadTests
{
    [Fact]
    public async Task Faster_in_than_out_refuses_with_a_retry_and_the_ledger_agrees_with_the_producers_to_the_record()
    {
        await using var collector = await CollectorProcess.StartAsync(
            "--Queue:Capacity=10", "--Queue:MaxBytes=8388608", "--Ingest:MaxRequestBytes=1048576", "--Spool:MaxBytes=1048576", "--Retry:BaseDelay=00:00:00.005");
        var load = new Overload(collector, producers: 24, padding: 50_000);
        Task running;
        using (await DatabaseLock.TakeAsync(collector.Folder))
        {
            running = load.RunAsync(i => i < 25);
            await Eventually.IsSoAsync(() => load.Refused > 50, () => $"{load.Refused} refused\n{collector.Log}");
        }

        await running;

        await load.ShouldBeCleanAsync();
        collector.PeakMemory.ShouldBeLessThan(250L << 20);
    }
}
