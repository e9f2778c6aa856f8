using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

public sealed class LockedStoreTests : IDisposable
{
    private readonly Producer _producer = new();

    [Fact]
    public async Task A_lock_shorter_than_the_retries_is_not_noticed_by_producers()
    {
        await using var collector = await CollectorProcess.StartAsync("--Retry:BaseDelay=00:00:00.500");
        Task<bool[]> answers;
        using (await DatabaseLock.TakeAsync(collector.Folder))
        {
            answers = SendAsync(collector, 20);
            await collector.SaysAsync("is tried again");
            answers.IsCompleted.ShouldBeFalse();
        }

        (await answers).ShouldAllBe(isAcknowledged => isAcknowledged);
        (await collector.SettledAsync()).ShouldBe(Counts.Of(20, stored: 20));
        collector.Log.ShouldNotContain("spool");
    }

    [Fact]
    public async Task A_lock_longer_than_the_retries_sends_requests_to_the_spool_and_all_are_stored_once()
    {
        await using var collector = await CollectorProcess.StartAsync("--Retry:BaseDelay=00:00:00.005");
        using (await DatabaseLock.TakeAsync(collector.Folder))
        {
            (await SendAsync(collector, 50)).ShouldAllBe(isAcknowledged => isAcknowledged);
            (await collector.LedgerAsync()).ShouldBe(Counts.Of(50, spooled: 50));
            (await _producer.SendAsync(collector, 7))!.IsDuplicate.ShouldBeTrue();
        }

        (await collector.SettledAsync()).ShouldBe(Counts.Of(51, stored: 50, duplicate: 1));
        (await collector.MessagesAsync("producer")).ShouldBe(Enumerable.Range(0, 50).SelectMany(_producer.Messages));
    }

    public void Dispose() => _producer.Dispose();

    private Task<bool[]> SendAsync(CollectorProcess collector, int count) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(number => _producer.IsAcknowledgedAsync(collector, number)));
}
