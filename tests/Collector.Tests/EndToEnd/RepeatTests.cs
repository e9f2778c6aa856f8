using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

public sealed class RepeatTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Producer _producer = new(records: 2);

    [Fact]
    public async Task A_repeat_is_marked_as_one_over_both_transports_also_after_a_kill()
    {
        await using (var collector = await CollectorProcess.StartOnAsync(_folder.Path))
        {
            (await _producer.SendAsync(collector, 1))!.IsDuplicate.ShouldBeFalse();
            IsDuplicate((await _producer.SendHttpAsync(collector, 2)).Headers).ShouldBeFalse();
            await BothAreKnownAsync(collector);
            await collector.KillAsync();
        }

        await using var again = await CollectorProcess.StartOnAsync(_folder.Path);
        await BothAreKnownAsync(again);
        (await again.MessagesAsync("producer")).Count.ShouldBe(4);
        // The repeats of the first process were only in memory when it was killed.
        (await again.SettledAsync()).ShouldBe(Counts.Of(8, stored: 4, duplicate: 4));
    }

    [Fact]
    public async Task A_repeat_of_what_is_only_in_the_spool_is_known_also_after_a_kill()
    {
        await using (var collector = await CollectorProcess.StartOnAsync(_folder.Path, "--Retry:BaseDelay=00:00:00.005"))
        {
            using var held = await DatabaseLock.TakeAsync(_folder.Path);
            (await _producer.SendAsync(collector, 1))!.Status.ShouldBe(0);
            await collector.KillAsync();
        }

        await using var again = await CollectorProcess.StartOnAsync(_folder.Path);
        (await _producer.SendAsync(again, 1))!.IsDuplicate.ShouldBeTrue();
        (await again.SettledAsync()).ShouldBe(Counts.Of(4, stored: 2, duplicate: 2));
        (await again.MessagesAsync("producer")).ShouldBe(_producer.Messages(1));
    }

    [Fact]
    public async Task Records_that_arrive_in_the_wrong_order_are_answered_in_order_of_time()
    {
        await using var collector = await CollectorProcess.StartOnAsync(_folder.Path);
        foreach (var (time, message) in new[] { (20UL, "completed"), (10UL, "started") })
        {
            using var wire = new Wire();
            var body = OtlpMessage.Logs("lifecycle", OtlpMessage.Record(Some.Noon + time, message, OtlpMessage.Correlated("request-1")));
            (await wire.GrpcAsync(collector.Grpc, Wire.LogsMethod, Wire.Frame(body))).Status.ShouldBe(0);
        }

        var closure = await collector.GetJsonAsync("/api/correlations/request-1");
        closure.GetProperty("logs").EnumerateArray().Select(row => row.GetProperty("message").GetString()).ShouldBe(["started", "completed"]);
    }

    [Fact]
    public async Task A_thousand_short_requests_at_once_are_all_there_in_order_of_time()
    {
        await using var collector = await CollectorProcess.StartOnAsync(_folder.Path);
        using var producer = new Producer();

        var answers = await Task.WhenAll(Enumerable.Range(0, 1_000).Reverse().Select(number => producer.IsAcknowledgedAsync(collector, number)));

        answers.ShouldAllBe(isAcknowledged => isAcknowledged);
        // That many at once fill the queue, so that some may take the way through the spool.
        (await collector.SettledAsync()).ShouldBe(Counts.Of(1_000, stored: 1_000));
        (await collector.MessagesAsync("producer")).ShouldBe(Enumerable.Range(0, 1_000).SelectMany(producer.Messages));
    }

    public void Dispose()
    {
        _producer.Dispose();
        _folder.Dispose();
    }

    private static bool IsDuplicate(System.Net.Http.Headers.HttpResponseHeaders headers) =>
        headers.TryGetValues("collector-duplicate", out var values) && values.Single() == "true";

    private async Task BothAreKnownAsync(CollectorProcess collector)
    {
        var grpc = (await _producer.SendAsync(collector, 1))!;
        (grpc.Status, grpc.IsDuplicate).ShouldBe((0, true));
        var http = await _producer.SendHttpAsync(collector, 2);
        http.Status.ShouldBe(200);
        IsDuplicate(http.Headers).ShouldBeTrue();
    }
}
