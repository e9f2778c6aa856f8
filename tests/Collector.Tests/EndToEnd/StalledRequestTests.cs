using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

/// <summary>A producer that declares a large request and does not bring it: it must cost nobody else anything.</summary>
public sealed class StalledRequestTests : IDisposable
{
    private const int Largest = 64 << 20;
    private const ulong Noon = 1_795_435_200_000_000_000;
    private static readonly TimeSpan _patienceForMemory = TimeSpan.FromSeconds(5);

    private readonly Wire _wire = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_large_request_that_stalls_delays_nobody_else(bool isGrpc)
    {
        await using var collector = await CollectorProcess.StartAsync();
        using var stalled = new Stall(collector, isGrpc);
        await stalled.BegunAsync();

        var clock = Stopwatch.StartNew();
        for (var i = 0; i < 20; i++)
        {
            var body = OtlpMessage.Logs("prompt", OtlpMessage.Record(Noon, $"small {i}"));
            (await _wire.GrpcAsync(collector.Grpc, Wire.LogsMethod, Wire.Frame(body))).Status.ShouldBe(0);
            (await _wire.HttpAsync(collector.Http, "/v1/logs", body, "application/x-protobuf")).Status.ShouldBe(200);
        }

        clock.Elapsed.ShouldBeLessThan(_patienceForMemory);
        var large = OtlpMessage.Logs("large", OtlpMessage.Record(Noon, new string('x', Largest - 200)));
        (await _wire.GrpcAsync(collector.Grpc, Wire.LogsMethod, Wire.Frame(large))).Status.ShouldBe(0);
    }

    [Fact]
    public async Task Large_requests_among_many_small_ones_are_stored_and_so_are_those()
    {
        await using var collector = await CollectorProcess.StartAsync();
        using var enough = new CancellationTokenSource();
        var small = Enumerable.Range(0, 4).Select(producer => SendSmallAsync(collector, producer, enough.Token)).ToArray();

        for (var i = 0; i < 3; i++)
        {
            var large = OtlpMessage.Logs("large", OtlpMessage.Record(Noon, i + new string('x', Largest - 200)));
            (await _wire.GrpcAsync(collector.Grpc, Wire.LogsMethod, Wire.Frame(large))).Status.ShouldBe(0, $"large {i}");
        }

        await enough.CancelAsync();
        (await Task.WhenAll(small)).ShouldAllBe(sent => sent > 10);
    }

    public void Dispose() => _wire.Dispose();

    private async Task<int> SendSmallAsync(CollectorProcess collector, int producer, CancellationToken enough)
    {
        var sent = 0;
        for (; !enough.IsCancellationRequested; sent++)
        {
            var body = OtlpMessage.Logs("small", OtlpMessage.Record(Noon, $"{producer}/{sent} {new string('y', 20_000)}"));
            (await _wire.GrpcAsync(collector.Grpc, Wire.LogsMethod, Wire.Frame(body))).Status.ShouldBe(0);
        }

        return sent;
    }

    /// <summary>The beginning of a request as large as may be, and then nothing.</summary>
    private sealed class Stall : IDisposable
    {
        private readonly TcpClient _tcp = new();
        private readonly HttpClient _http2 = new();
        private readonly Stalling _content = new();
        private readonly CollectorProcess _collector;
        private readonly bool _isGrpc;
        private Task? _answer;

        public Stall(CollectorProcess collector, bool isGrpc)
        {
            _collector = collector;
            _isGrpc = isGrpc;
        }

        /// <summary>Until the collector has given it its first share of memory.</summary>
        public async Task BegunAsync()
        {
            if (_isGrpc)
            {
                var call = new HttpRequestMessage(HttpMethod.Post, new Uri($"http://{_collector.Grpc}{Wire.LogsMethod}"))
                {
                    Version = HttpVersion.Version20,
                    VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                    Content = _content,
                };
                call.Content.Headers.TryAddWithoutValidation("content-type", "application/grpc");
                _answer = _http2.SendAsync(call);
            }
            else
            {
                await _tcp.ConnectAsync(_collector.Http);
                await _tcp.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
                    $"POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\nContent-Length: {Largest}\r\n\r\n"));
            }

            await Eventually.IsSoAsync(
                async () => (await _collector.GetJsonAsync("/api/status")).GetProperty("queue").GetProperty("bytes").GetInt64() > 0,
                () => $"the request does not hold memory; its answer: {_answer?.Status}");
        }

        public void Dispose()
        {
            _tcp.Dispose();
            _http2.Dispose();
            _content.Dispose();
        }
    }

    private sealed class Stalling : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(Wire.Frame([], length: Largest));
            await stream.FlushAsync();
            await new TaskCompletionSource().Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
