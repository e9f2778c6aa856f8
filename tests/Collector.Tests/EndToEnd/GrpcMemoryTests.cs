using Collector.Model;
using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

/// <summary>
/// What many large or stalled messages at once cost. A library that reads messages whole took 903 MB, 1.1 GB and 2.7 GB
/// for these three; here all of them share <c>Queue:MaxBytes</c>.
/// </summary>
public sealed class GrpcMemoryTests : IDisposable
{
    private const int DeadlineExceeded = 4;
    private const int ResourceExhausted = 8;

    private readonly Wire _wire = new();

    [Fact]
    public async Task Eight_gzip_bombs_at_once_are_refused_for_good_within_bounded_memory()
    {
        await using var collector = await CollectorProcess.StartAsync();
        var bomb = Wire.Frame(Wire.Gzip(new byte[1 << 30]), flag: 1);

        var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            _wire.GrpcAsync(collector.Grpc, Wire.LogsMethod, bomb, headers: ("grpc-encoding", "gzip"))));

        replies.ShouldAllBe(static reply => reply.Status == ResourceExhausted || Producer.SaysRetry(reply));
        // Side by side they may all have been told to come again, since each had an eighth of the budget; one alone is final.
        (await _wire.GrpcAsync(collector.Grpc, Wire.LogsMethod, bomb, headers: ("grpc-encoding", "gzip"))).Status.ShouldBe(ResourceExhausted);
        collector.PeakMemory.ShouldBeLessThan(400L << 20);
        await ShouldHoldNothingAsync(collector);
    }

    [Fact]
    public async Task Forty_clients_that_stall_hold_no_more_than_the_budget_and_let_go_when_they_leave()
    {
        await using var collector = await CollectorProcess.StartAsync();
        using var left = new CancellationTokenSource();
        var half = Wire.Frame(new byte[24 << 20]).AsMemory(0, 12 << 20);
        // Each on a connection of its own, or they would share one window.
        var wires = Enumerable.Range(0, 40).Select(static _ => new Wire()).ToArray();

        var calls = wires.Select(wire => wire.GrpcAsync(collector.Grpc, Wire.LogsMethod, new StallingContent(half), left.Token)).ToArray();
        // Those that stall are told so after five seconds, and so are those that the budget has no room for.
        await Eventually.IsSoAsync(() => calls.Count(static call => call.IsCompleted) >= 35, () => collector.Log);

        collector.PeakMemory.ShouldBeLessThan(400L << 20);
        calls.Where(static call => call.IsCompleted).Select(static call => call.GetAwaiter().GetResult())
            .ShouldAllBe(static reply => Producer.SaysRetry(reply) || reply.Status == DeadlineExceeded);
        await left.CancelAsync();
        await ((Task)Task.WhenAll(calls)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        await ShouldHoldNothingAsync(collector);
        (await _wire.GrpcAsync(collector.Grpc, Wire.LogsMethod, Wire.Frame(Message(10)))).Status.ShouldBe(0);
        Array.ForEach(wires, static wire => wire.Dispose());
    }

    [Fact]
    public Task Eight_messages_of_64_MB_at_once_stay_within_bounded_memory() => LargeAsync(8);

    public void Dispose() => _wire.Dispose();

    internal static async Task LargeAsync(int count)
    {
        await using var collector = await CollectorProcess.StartAsync();
        using var wire = new Wire();
        var body = Wire.Frame(Message((64 << 20) - 200));

        var replies = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => wire.GrpcAsync(collector.Grpc, Wire.LogsMethod, body)));

        replies.ShouldAllBe(static reply => reply.Status == 0 || Producer.SaysRetry(reply));
        replies.ShouldContain(static reply => reply.Status == 0);
        collector.PeakMemory.ShouldBeLessThan(600L << 20);
        await ShouldHoldNothingAsync(collector);
    }

    private static byte[] Message(int length) => OtlpMessage.Logs(
        "memory", OtlpMessage.Record(Timestamps.ToNanos(TimeProvider.System.GetUtcNow()), new string('x', length)));

    private static Task ShouldHoldNothingAsync(CollectorProcess collector) => Eventually.IsSoAsync(
        async () => (await collector.GetJsonAsync("/api/status")).GetProperty("queue").GetProperty("bytes").GetInt64() == 0,
        () => collector.Log);
}
