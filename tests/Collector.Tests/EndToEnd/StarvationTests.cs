using System.Net;
using System.Net.Sockets;
using System.Text;
using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

/// <summary>
/// Callers that declare much and send nothing hold nothing: five bytes and silence stopped everybody's ingestion for 30 s
/// once. The ordinary producer's exports all succeed at once, at both ports.
/// </summary>
public sealed class StarvationTests(RunningCollector running) : IClassFixture<RunningCollector>, IDisposable
{
    private const string Head = "POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\n";

    // A frame of 64 MiB.
    private static readonly byte[] _fiveBytes = [0, 4, 0, 0, 0];

    private readonly CollectorProcess _collector = running.Process;
    private readonly CancellationTokenSource _left = new();
    private readonly List<IDisposable> _silent = [];
    private readonly List<Task> _calls = [];

    [Theory]
    [InlineData("grpc", 1)]
    [InlineData("grpc", 4)]
    [InlineData("grpc", 40)]
    [InlineData("stream", 4)]
    [InlineData("stream", 40)]
    [InlineData("streams of one connection", 500)]
    [InlineData("declared", 1)]
    [InlineData("declared", 4)]
    [InlineData("declared", 40)]
    [InlineData("chunked", 40)]
    [InlineData("gzip", 40)]
    public async Task An_ordinary_producer_feels_nothing_of_silent_callers(string kind, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await BeSilentAsync(kind);
        }

        using var producer = new Producer($"{kind} {count}");
        for (var i = 0; i < 10; i++)
        {
            (await producer.SendAsync(_collector, i)).ShouldNotBeNull().Status.ShouldBe(0);
            (await producer.SendHttpAsync(_collector, 100 + i)).Status.ShouldBe(200);
        }

        (await _collector.GetJsonAsync("/api/status")).GetProperty("queue").GetProperty("bytes").GetInt64().ShouldBeLessThan(32 << 20);
        (await _collector.GetJsonAsync("/api/status")).GetProperty("ready").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task A_body_that_does_not_go_on_is_answered_after_some_seconds_at_both_ports()
    {
        using var http = await ConnectAsync(Head + "Content-Length: 67108864\r\n\r\n", []);
        using var reader = new StreamReader(http.GetStream());
        var answer = reader.ReadLineAsync();
        using var wire = new Wire();
        var reply = await wire.GrpcAsync(_collector.Grpc, Wire.LogsMethod, new StallingContent(_fiveBytes), _left.Token);

        reply.Status.ShouldBe(4);
        reply.Message.ShouldNotBeNull().ShouldStartWith("the body came too slowly");
        (await answer).ShouldBe("HTTP/1.1 504 Gateway Timeout");
    }

    public void Dispose()
    {
        _left.Cancel();
        _silent.ForEach(static one => one.Dispose());
        _left.Dispose();
    }

    private async Task BeSilentAsync(string kind)
    {
        switch (kind)
        {
            case "grpc":
                await CallAsync(new Wire(), Wire.LogsMethod);
                break;
            case "stream":
                await CallAsync(new Wire(), "/collector.tail.v1.TailService/Stream");
                break;
            case "streams of one connection":
                await CallAsync(_silent.OfType<Wire>().FirstOrDefault() ?? new Wire(), Wire.TracesMethod);
                break;
            case "declared":
                _silent.Add(await ConnectAsync(Head + "Content-Length: 67108864\r\n\r\n", []));
                break;
            case "chunked":
                _silent.Add(await ConnectAsync(Head + "Transfer-Encoding: chunked\r\n\r\n4000000\r\n", [10, 200]));
                break;
            default:
                var gzip = Wire.Gzip(new byte[100_000]);
                _silent.Add(await ConnectAsync(Head + "Content-Encoding: gzip\r\nContent-Length: 67108864\r\n\r\n", gzip[..^10]));
                break;
        }
    }

    private async Task CallAsync(Wire wire, string method)
    {
        var body = new StallingContent(_fiveBytes);
        _silent.Add(wire);
        _calls.Add(wire.GrpcAsync(_collector.Grpc, method, body, _left.Token));
        await body.Sent;
    }

    private async Task<TcpClient> ConnectAsync(string head, byte[] body)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _collector.Http.Port);
        await client.GetStream().WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(head), .. body]);
        return client;
    }
}
