using System.Net.Sockets;
using System.Text;
using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

public sealed class StoppingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Producer _producer = new();

    [Fact]
    public async Task A_full_queue_is_stored_before_it_ends()
    {
        await using (var collector = await StartAsync("--Ingest:Acknowledge=Queued", "--Batch:MaxDelay=00:01:00", "--Batch:MaxRows=100000", "--Queue:Capacity=1000"))
        {
            await SendAsync(collector, 0, 400);
            (await collector.TerminateAsync()).ShouldBe(0);
            LastLine(collector).ShouldContain("400 rows received, 400 stored");
        }

        await AllAreThereAsync(400);
    }

    [Fact]
    public async Task What_a_locked_store_does_not_take_is_spooled_and_stored_by_the_next_start()
    {
        await using (var collector = await StartAsync(
            "--Ingest:Acknowledge=Queued", "--Batch:MaxDelay=00:01:00", "--Batch:MaxRows=100000", "--Retry:BaseDelay=00:00:00.005", "--Shutdown:Deadline=00:00:02"))
        {
            await SendAsync(collector, 0, 100);
            using var held = await DatabaseLock.TakeAsync(_folder.Path);
            (await collector.TerminateAsync()).ShouldBe(0, collector.Log);
            LastLine(collector).ShouldContain("100 rows received, 0 stored");
            LastLine(collector).ShouldContain("100 spooled");
        }

        await AllAreThereAsync(100);
    }

    [Fact]
    public async Task A_write_that_is_stuck_at_the_deadline_is_spooled_and_stored_once()
    {
        await using (var collector = await StartAsync("--Retry:Attempts=20", "--Retry:BaseDelay=00:00:30", "--Shutdown:Deadline=00:00:01"))
        {
            using var held = await DatabaseLock.TakeAsync(_folder.Path);
            var answer = _producer.IsAcknowledgedAsync(collector, 0);
            await collector.SaysAsync("is tried again");
            (await collector.TerminateAsync()).ShouldBe(0, collector.Log);
            await answer;
            LastLine(collector).ShouldContain("1 spooled, 0 in flight");
        }

        await AllAreThereAsync(1);
    }

    [Fact]
    public async Task A_second_signal_spools_at_once()
    {
        await using (var collector = await StartAsync(
            "--Ingest:Acknowledge=Queued", "--Batch:MaxDelay=00:00:00.010", "--Batch:AckLinger=00:00:00", "--Retry:Attempts=20", "--Retry:BaseDelay=00:00:30",
            "--Shutdown:Deadline=00:10:00"))
        {
            using var held = await DatabaseLock.TakeAsync(_folder.Path);
            await SendAsync(collector, 0, 30);
            await collector.SaysAsync("is tried again");
            await collector.SignalAsync();
            await collector.SaysAsync("Stopping");
            await collector.SignalAsync();

            (await collector.ExitAsync()).ShouldBe(0, collector.Log);
            LastLine(collector).ShouldContain("30 spooled, 0 in flight");
        }

        await AllAreThereAsync(30);
    }

    [Fact]
    public async Task A_second_signal_while_a_request_is_in_flight_keeps_what_was_only_queued()
    {
        await using (var collector = await StartAsync(
            "--Ingest:Acknowledge=Queued", "--Batch:MaxDelay=00:01:00", "--Batch:MaxRows=100000", "--Retry:Attempts=20", "--Retry:BaseDelay=00:00:30",
            "--Shutdown:Deadline=00:10:00"))
        {
            using var held = await DatabaseLock.TakeAsync(_folder.Path);
            await SendAsync(collector, 0, 30);
            using var socket = new TcpClient();
            await socket.ConnectAsync(collector.Http);
            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
                "POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\nContent-Length: 1000\r\n\r\n"));
            (await _producer.SendHttpAsync(collector, 30)).Status.ShouldBe(200);
            await collector.SignalAsync();
            await collector.SaysAsync("Stopping");
            await collector.SignalAsync();

            (await collector.ExitAsync()).ShouldBe(0, collector.Log);
            LastLine(collector).ShouldContain("31 spooled, 0 in flight");
        }

        await AllAreThereAsync(31);
    }

    [Fact]
    public async Task A_request_in_flight_is_finished_and_answered()
    {
        await using (var collector = await StartAsync())
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(collector.Http);
            var body = _producer.Body(0);
            var stream = socket.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(
                $"POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\nContent-Length: {body.Length}\r\n\r\n"));
            await stream.WriteAsync(body.AsMemory(0, 10));
            // Once another connection's later request was answered, the first bytes have been seen too.
            (await _producer.SendHttpAsync(collector, 1)).Status.ShouldBe(200);
            await collector.SignalAsync();
            await collector.SaysAsync("Stopping");

            await stream.WriteAsync(body.AsMemory(10));
            using var reader = new StreamReader(stream, Encoding.ASCII);
            (await reader.ReadLineAsync()).ShouldBe("HTTP/1.1 200 OK");
            (await collector.ExitAsync()).ShouldBe(0);
        }

        await AllAreThereAsync(2);
    }

    public void Dispose()
    {
        _producer.Dispose();
        _folder.Dispose();
    }

    private static string LastLine(CollectorProcess collector) => collector.Log.TrimEnd().Split('\n')[^1];

    private Task<CollectorProcess> StartAsync(params string[] settings) => CollectorProcess.StartOnAsync(_folder.Path, settings);

    private async Task SendAsync(CollectorProcess collector, int from, int count)
    {
        var answers = await Task.WhenAll(Enumerable.Range(from, count).Select(number => _producer.IsAcknowledgedAsync(collector, number)));
        answers.ShouldAllBe(isAcknowledged => isAcknowledged);
    }

    private async Task AllAreThereAsync(int count)
    {
        await using var again = await StartAsync();
        var total = await again.SettledAsync();
        (await again.MessagesAsync("producer")).ShouldBe(Enumerable.Range(0, count).SelectMany(_producer.Messages));
        total.Stored.ShouldBe(count, total.ToString());
        total.Dropped.ShouldBe(0);
    }
}
