using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

/// <summary>
/// Every attack that was ever seen, all at once and from other addresses, beside a producer of 1,000 records a second, which
/// behaves well: what it feels of them.
/// </summary>
internal sealed class Siege(CollectorProcess collector) : IDisposable
{
    private const string Attacker = "127.0.0.2";
    private const string Reader = "127.0.0.3";
    private const string Flooder = "127.0.0.4";
    private const int RecordsOfExport = 100;
    private const int ExportsOfSecond = 10;
    private const int MaxTries = 20;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    // A frame of 64 MiB, of which nothing comes.
    private static readonly byte[] _fiveBytes = [0, 4, 0, 0, 0];
    private static readonly byte[] _declared =
        "POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\nContent-Length: 67108864\r\n\r\n"u8.ToArray();
    private static readonly byte[] _half = "GET /api/logs HTTP/1.1\r\nHost: localhost\r\n"u8.ToArray();

    private readonly CancellationTokenSource _over = new();
    private readonly ConcurrentBag<TimeSpan> _times = [];
    private readonly Amplifiers _amplifiers = new();
    private readonly Wire _wire = new();
    private int _exports;
    private int _failedAtFirst;
    private int _lost;
    private long _attacks;

    /// <summary>Attacks that were carried out, answered or not.</summary>
    public long Attacks => Interlocked.Read(ref _attacks);

    public SiegeFigures Figures
    {
        get
        {
            var times = _times.Order().ToList();
            return new SiegeFigures(
                _exports, _failedAtFirst, _lost, times[times.Count / 2], times[(int)(times.Count * 0.99)], times[^1], Attacks);
        }
    }

    /// <summary>The worker whose rows are not to be lost.</summary>
    public static string Worker => "well-behaved";

    /// <summary>Rows that the producer was told are kept.</summary>
    public long Acknowledged => (long)(_exports - _lost) * RecordsOfExport;

    public async Task RunAsync(TimeSpan length)
    {
        var readers = await ReadNothingAsync(200);
        Task[] attacks =
        [
            RepeatAsync(1, BeSilentAsync),
            RepeatAsync(50, AmplifyAsync),
            RepeatAsync(50, turn => AmplifyAsync(turn + 3)),
            RepeatAsync(500, FloodAsync),
            .. Enumerable.Range(0, 12).Select(i => RepeatAsync(10, turn => AskAsync(i + turn))),
        ];
        await ProduceAsync(length);
        await _over.CancelAsync();
        await Task.WhenAll(attacks);
        readers.ForEach(static socket => socket.Dispose());
    }

    public void Dispose()
    {
        _wire.Dispose();
        _over.Dispose();
    }

    // At its own pace, whatever becomes of the exports before.
    private async Task ProduceAsync(TimeSpan length)
    {
        using var pulse = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / ExportsOfSecond));
        var exports = new List<Task>();
        var most = (int)(length.TotalSeconds * ExportsOfSecond);
        for (var number = 0; number < most; number++)
        {
            exports.Add(ExportAsync(number));
            await pulse.WaitForNextTickAsync();
        }

        await Task.WhenAll(exports);
    }

    private async Task ExportAsync(int number)
    {
        var body = Body(number);
        for (var attempt = 0; attempt < MaxTries; attempt++)
        {
            var since = Stopwatch.GetTimestamp();
            var isKept = await TrySendAsync(number, body);
            if (attempt == 0)
            {
                _times.Add(Stopwatch.GetElapsedTime(since));
                Interlocked.Increment(ref _exports);
                Interlocked.Add(ref _failedAtFirst, isKept ? 0 : 1);
            }

            if (isKept)
            {
                return;
            }

            await PassAsync(200);
        }

        Interlocked.Increment(ref _lost);
    }

    private async Task<bool> TrySendAsync(int number, byte[] body)
    {
        try
        {
            return number % 2 == 0
                ? (await _wire.GrpcAsync(collector.Grpc, Wire.LogsMethod, Wire.Frame(body))).Status == 0
                : (await _wire.HttpAsync(collector.Http, "/v1/logs", body, "application/x-protobuf")).Status == 200;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static byte[] Body(int number)
    {
        var now = Now();
        return OtlpMessage.Logs(Worker, [.. Enumerable.Range(0, RecordsOfExport).Select(i => OtlpMessage.Record(
            now + (ulong)i, $"an ordinary message, number {number}.{i}", OtlpMessage.Correlated($"order-{number}-{i}")))]);
    }

    private async Task RepeatAsync(int pauseMilliseconds, Func<int, Task> attack)
    {
        var bound = new LoopBound(TimeSpan.FromMinutes(20));
        for (var turn = 0; !_over.IsCancellationRequested && bound.Holds(); turn++)
        {
            try
            {
                await attack(turn).WaitAsync(_over.Token);
                Interlocked.Increment(ref _attacks);
            }
            catch (Exception e) when (e is HttpRequestException or SocketException or IOException or OperationCanceledException or TimeoutException)
            {
                // Whatever happens to an attacker is fine.
            }

            await PassAsync(pauseMilliseconds);
        }
    }

    // 1, 4 and 40 on each port, held until the server has had enough of the last of them.
    private async Task BeSilentAsync(int turn)
    {
        var count = (turn % 3) switch { 0 => 1, 1 => 4, _ => 40 };
        var callers = new List<IDisposable>();
        try
        {
            for (var i = 0; i < count; i++)
            {
                callers.Add(await SendAsync(Attacker, collector.Http, _declared));
                callers.Add(await SendAsync(Attacker, collector.Web, _half));
                var wire = new HttpClient(new SocketsHttpHandler());
                callers.Add(wire);
                _ = HoldAsync(wire);
            }

            await PassAsync(6_000);
        }
        finally
        {
            callers.ForEach(static caller => caller.Dispose());
        }
    }

    private async Task HoldAsync(HttpClient client)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{collector.Grpc}{Wire.LogsMethod}")
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = new StallingContent(_fiveBytes),
            };
            request.Content.Headers.TryAddWithoutValidation("content-type", "application/grpc");
            (await client.SendAsync(request, _over.Token)).Dispose();
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // It was cut, as it is to be.
        }
    }

    private async Task AmplifyAsync(int turn)
    {
        using var client = Caller.At(Attacker);
        var (path, type, body) = _amplifiers.Of(turn, Now());
        using var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("content-type", type);
        content.Headers.TryAddWithoutValidation("content-encoding", "gzip");
        (await client.PostAsync(new Uri($"http://{collector.Http}{path}"), content, _over.Token)).Dispose();
    }

    // More than the process may have descriptors.
    private async Task FloodAsync(int turn)
    {
        var sockets = new List<Socket>();
        try
        {
            foreach (var port in new[] { collector.Grpc, collector.Http, collector.Web })
            {
                for (var i = 0; i < 400; i++)
                {
                    sockets.Add(await Caller.ConnectAsync(Flooder, port).WaitAsync(_patience));
                }
            }

            await PassAsync(2_000);
        }
        finally
        {
            sockets.ForEach(static socket => socket.Dispose());
        }
    }

    private async Task AskAsync(int turn)
    {
        string[] questions = ["/api/logs?q=number+7&limit=500", "/api/workers", "/api/metrics?from=1h", "/api/logs?limit=1000&level=error"];
        using var client = Caller.At(Attacker);
        await client.GetStringAsync(new Uri($"http://{collector.Web}{questions[turn % questions.Length]}"), _over.Token);
    }

    private async Task<List<Socket>> ReadNothingAsync(int count)
    {
        var sockets = new List<Socket>();
        for (var i = 0; i < count; i++)
        {
            var filter = i % 2 == 0 ? $"from={i + 10}m" : $"worker={Worker}&from={i + 10}m";
            sockets.Add(await SendAsync(Reader, collector.Web, Encoding.ASCII.GetBytes($"GET /api/live?limit=0&{filter} HTTP/1.1\r\nHost: localhost\r\n\r\n")));
        }

        return sockets;
    }

    private static async Task<Socket> SendAsync(string from, IPEndPoint port, byte[] bytes)
    {
        var socket = await Caller.ConnectAsync(from, port).WaitAsync(_patience);
        await socket.SendAsync(bytes);
        return socket;
    }

    private static ulong Now() => (ulong)DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000_000;

    // Real time is what is measured here.
    private async Task PassAsync(int milliseconds)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(milliseconds));
        try
        {
            await timer.WaitForNextTickAsync(_over.Token);
        }
        catch (OperationCanceledException)
        {
            // It is over.
        }
    }
}

/// <param name="Exports">Of the producer.</param>
/// <param name="FailedAtFirst">Of them, not kept at the first try.</param>
/// <param name="Lost">Of them, not kept at all.</param>
/// <param name="Median">Of the first tries.</param>
/// <param name="P99">Of the first tries.</param>
/// <param name="Slowest">Of the first tries.</param>
/// <param name="Attacks">Carried out meanwhile.</param>
internal sealed record SiegeFigures(int Exports, int FailedAtFirst, int Lost, TimeSpan Median, TimeSpan P99, TimeSpan Slowest, long Attacks);
