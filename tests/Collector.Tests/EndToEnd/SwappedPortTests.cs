using System.Net;
using System.Net.Sockets;
using System.Text;
using Collector.Model;
using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

/// <summary>Both ports of producers speak both protocols of HTTP, so that a swapped one works.</summary>
public sealed class SwappedPortTests(RunningCollector running) : IClassFixture<RunningCollector>, IDisposable
{
    private const string Protobuf = "application/x-protobuf";

    private static readonly byte[] _good = OtlpMessage.Logs("swapped", OtlpMessage.Record(Timestamps.ToNanos(TimeProvider.System.GetUtcNow()), "good"));

    private readonly Wire _wire = new();
    private readonly CollectorProcess _collector = running.Process;

    private IPEndPoint[] Ports => [_collector.Grpc, _collector.Http];

    public void Dispose() => _wire.Dispose();

    [Fact]
    public async Task Grpc_is_taken_at_both_ports()
    {
        foreach (var port in Ports)
        {
            (await _wire.GrpcAsync(port, Wire.LogsMethod, Wire.Frame(_good))).Status.ShouldBe(0);
            (await _wire.GrpcAsync(port, "/grpc.health.v1.Health/Check", Wire.Frame([]))).Status.ShouldBe(0);
        }
    }

    [Fact]
    public async Task Otlp_over_http_is_taken_at_both_ports_in_both_versions()
    {
        foreach (var port in Ports)
        {
            (await _wire.HttpAsync(port, "/v1/logs", _good, Protobuf)).Status.ShouldBe(200);
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"http://{port}/v1/logs"))
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = new ByteArrayContent(_good) { Headers = { { "content-type", Protobuf } } },
            };
            using var answer = await _wire.Client.SendAsync(request);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        }
    }

    [Theory]
    [InlineData("P", "OST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "HTTP/1.1 415")]
    [InlineData("PR", "OPFIND / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 404")]
    [InlineData("GET", " / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 404")]
    [InlineData("PR", "I nonsense that is longer than a preface\r\n\r\n", "")]
    public async Task First_bytes_that_come_one_by_one_are_none_the_less_understood(string first, string rest, string answer)
    {
        foreach (var port in Ports)
        {
            using var socket = new TcpClient { NoDelay = true };
            await socket.ConnectAsync(port);
            var stream = socket.GetStream();
            foreach (var letter in first)
            {
                await stream.WriteAsync(new[] { (byte)letter });
                await Task.Yield();
            }

            await stream.WriteAsync(Encoding.ASCII.GetBytes(rest));
            using var reader = new StreamReader(stream, Encoding.Latin1);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            (await reader.ReadToEndAsync(patience.Token)).ShouldContain(answer);
        }
    }

    [Fact]
    public async Task Http2_at_the_port_of_questions_is_told_where_rows_go()
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(_collector.Web);
        var stream = socket.GetStream();
        await stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0"u8.ToArray());
        socket.Client.Shutdown(SocketShutdown.Send);
        using var reader = new StreamReader(stream, Encoding.Latin1);

        (await reader.ReadToEndAsync()).ShouldContain("4317");
        var door = (await _collector.GetJsonAsync("/api/ledger")).GetProperty("door");
        door.GetProperty("reasons").GetProperty("wrong_port").GetInt64().ShouldBe(1);
    }

    [Fact]
    public async Task Connections_that_say_nothing_do_not_hold_up_a_stop()
    {
        await using var collector = await CollectorProcess.StartAsync();
        using var silent = new TcpClient();
        await silent.ConnectAsync(collector.Http);
        using var half = new TcpClient();
        await half.ConnectAsync(collector.Grpc);
        await half.GetStream().WriteAsync("PR"u8.ToArray());
        (await _wire.GrpcAsync(collector.Http, Wire.LogsMethod, Wire.Frame(_good))).Status.ShouldBe(0);

        var since = TimeProvider.System.GetTimestamp();
        (await collector.TerminateAsync()).ShouldBe(0);

        TimeProvider.System.GetElapsedTime(since).ShouldBeLessThan(TimeSpan.FromSeconds(15));
    }
}
