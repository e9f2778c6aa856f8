using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Collector.Access;
using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

/// <summary>Floods of connections and of readers: nobody takes what is everybody's, and the process lives.</summary>
public sealed class PlacesTests
{
    private const string One = "127.0.0.1";
    private const string Secret = "a-secret-of-a-reader";
    private const string Other = "127.0.0.2";

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    public static TheoryData<int, int> Floods => new() { { 300, 400 }, { 400, 500 }, { 1_024, 1_200 } };

    [Theory]
    [MemberData(nameof(Floods))]
    public async Task More_connections_than_files_may_be_open_end_no_process(int files, int connections)
    {
        using var folder = new TemporaryFolder();
        var (collector, log) = await CollectorProcess.TryStartAsync(folder.Path, new Wrapping(["prlimit", $"--nofile={files}"]));
        await using var running = collector.ShouldNotBeNull(log);
        var sockets = new List<Socket>();
        foreach (var port in new[] { collector.Grpc, collector.Http, collector.Web })
        {
            for (var i = 0; i < connections; i++)
            {
                if (await TryConnectAsync(port) is { } socket)
                {
                    sockets.Add(socket);
                }
            }
        }

        await collector.SaysAsync("Limits:Connections");
        collector.HasExited.ShouldBeFalse(collector.Log);
        sockets.ForEach(static socket => socket.Dispose());
        await Eventually.IsSoAsync(() => IsReadyAsync(collector), () => collector.Log);
        (await collector.TerminateAsync()).ShouldBe(0, collector.Log);
    }

    [Fact]
    public async Task One_address_takes_no_more_connections_than_its_share_and_is_told_so()
    {
        await using var collector = await CollectorProcess.StartAsync("--Limits:Connections=40");
        var taken = new List<Socket>();
        var before = await ConnectionsAsync(collector);
        for (var i = 0; i < 36; i++)
        {
            taken.Add(await Caller.ConnectAsync(One, i % 2 == 0 ? collector.Web : collector.Grpc));
        }

        // A socket is connected before the listener has accepted it.
        await Eventually.IsSoAsync(async () => await ConnectionsAsync(collector) >= before + 36, () => collector.Log);

        (await AnswerAsync(One, collector.Web)).ShouldContain("36 of 40 (Limits:Connections)");
        (await AnswerAsync(One, collector.Http)).ShouldStartWith("HTTP/1.1 503 ");
        (await AnswerAsync(One, collector.Grpc)).ShouldContain("36 of 40 (Limits:Connections)", Case.Sensitive, "GOAWAY says why");
        (await AnswerAsync(Other, collector.Web)).ShouldStartWith("HTTP/1.1 200 ");
        using (var other = Caller.At(Other))
        {
            var refused = PrometheusText.Parse(await other.GetStringAsync(new Uri($"http://{collector.Web}/metrics")));
            refused.ValueOf("collector_places_refused_total", "kind=\"connections\",reason=\"address\"").ShouldBeGreaterThanOrEqualTo(3);
        }

        taken.ForEach(static socket => socket.Dispose());
        await Eventually.IsSoAsync(
            async () => (await AnswerAsync(One, collector.Web)).StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal), () => collector.Log);
    }

    [Fact]
    public async Task Where_all_connections_are_taken_accepting_pauses_and_goes_on()
    {
        await using var collector = await CollectorProcess.StartAsync("--Limits:Connections=20");
        var taken = new List<Socket>();
        for (var i = 0; i < 20; i++)
        {
            taken.Add(await Caller.ConnectAsync(i < 10 ? One : Other, collector.Web));
        }

        await collector.SaysAsync("accepting pauses");
        var waiting = AnswerAsync("127.0.0.3", collector.Web);
        taken.ForEach(static socket => socket.Dispose());
        (await waiting).ShouldStartWith("HTTP/1.1 200 ");
    }

    [Fact]
    public async Task One_address_takes_no_more_live_readers_than_its_share()
    {
        await using var collector = await CollectorProcess.StartAsync("--Limits:LiveReaders=10");
        using var one = Caller.At(One);
        using var other = Caller.At(Other);
        var streams = new List<HttpResponseMessage>();
        for (var i = 0; i < 9; i++)
        {
            streams.Add(await OpenAsync(one, collector));
            streams[^1].StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        await ShouldBeRefusedAsync(one, collector, "9 of 10 (Limits:LiveReaders)");
        using (var last = await OpenAsync(other, collector))
        {
            last.StatusCode.ShouldBe(HttpStatusCode.OK);
            await ShouldBeRefusedAsync(one, collector, "All 10 live readers");
        }

        streams[4].Dispose();
        await Eventually.IsSoAsync(
            async () =>
            {
                using var again = await OpenAsync(one, collector);
                return again.StatusCode == HttpStatusCode.OK;
            },
            () => collector.Log);
        streams.ForEach(static stream => stream.Dispose());
    }

    [Fact]
    public async Task Callers_behind_a_trusted_proxy_count_by_their_own_address_and_others_can_not_choose_one()
    {
        // Behind a proxy reading needs a key.
        var key = SomeKeys.Entry("reader", Secret, Rights.Read);
        await using var collector = await CollectorProcess.StartAsync(
            "--Limits:LiveReaders=10", $"--Listen:TrustedProxies={One},10.0.0.0/8",
            $"--Auth:Keys:0:Name={key.Name}", $"--Auth:Keys:0:Sha256={key.Sha256}", "--Auth:Keys:0:Rights=read");
        using var proxy = Caller.At(One);
        using var stranger = Caller.At(Other);
        proxy.DefaultRequestHeaders.Authorization = stranger.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Secret);
        var streams = new List<HttpResponseMessage>();
        for (var i = 0; i < 9; i++)
        {
            streams.Add(await OpenAsync(proxy, collector, "203.0.113.7, 10.1.2.3"));
        }

        await ShouldBeRefusedAsync(proxy, collector, "9 of 10", "203.0.113.7");
        streams.ShouldAllBe(static stream => stream.StatusCode == HttpStatusCode.OK);
        (await OpenAsync(proxy, collector, "203.0.113.8")).Dispose();
        streams.ForEach(static stream => stream.Dispose());
        streams.Clear();
        await Eventually.IsSoAsync(async () => await TakenAsync(collector) == 0, () => collector.Log);

        for (var i = 0; i < 9; i++)
        {
            streams.Add(await OpenAsync(stranger, collector, $"203.0.113.{i}"));
        }

        await ShouldBeRefusedAsync(stranger, collector, "9 of 10", "203.0.113.99");
        streams.ForEach(static stream => stream.Dispose());
    }

    [Fact]
    public Task Two_hundred_readers_that_never_read_take_no_memory_that_others_need() => WatchUnreadAsync(readers: 200, megabytes: 20);

    [Fact]
    public async Task A_reader_that_is_cut_is_told_and_misses_nothing_when_it_comes_back()
    {
        const int Rows = 500;
        await using var collector = await CollectorProcess.StartAsync("--Limits:LiveBytes=1048576");
        using var client = Caller.At(One, receiveBytes: 4096);
        using var slow = await OpenAsync(client, collector);
        using var wire = new Wire();
        var now = (ulong)DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000_000;
        for (var sent = 0; sent < Rows; sent += 50)
        {
            var records = Enumerable.Range(sent, 50).Select(i => OtlpMessage.Record(now + (ulong)i, $"row {i} ".PadRight(20_000, 'x'))).ToArray();
            await wire.GrpcAsync(collector.Grpc, Wire.LogsMethod, Wire.Frame(OtlpMessage.Logs("large", records)));
        }

        await Eventually.IsSoAsync(async () => await CutAsync(collector) == 1, () => "nobody was cut");
        var text = await slow.Content.ReadAsStringAsync().WaitAsync(_patience);
        text.ShouldContain("event: cut");
        text.ShouldContain("Limits:LiveBytes");
        var last = text[(text.LastIndexOf("\nid: ", StringComparison.Ordinal) + 5)..].Split('\n')[0];
        var seen = text.Split("\"message\":\"row ").Skip(1).Select(static part => part.Split(' ')[0]).ToList();
        seen.Count.ShouldBeLessThan(Rows);

        await using var back = await LiveClient.OpenAsync(collector, "limit=0", last);
        seen.AddRange((await back.MessagesAsync(Rows - seen.Count)).Select(static message => message.Split(' ')[1]));
        seen.ShouldBe(Enumerable.Range(0, Rows).Select(static i => $"{i}"));
    }

    internal static async Task WatchUnreadAsync(int readers, int megabytes)
    {
        await using var collector = await CollectorProcess.StartAsync();
        var sockets = new List<Socket>();
        for (var i = 0; i < readers; i++)
        {
            // Each another filter, so that nothing is shared but the bytes.
            var socket = await Caller.ConnectAsync(One, collector.Web);
            var from = i % 2 == 0 ? $"from={i + 10}m" : $"worker=unread-{i % 8}&from={i + 10}m";
            await socket.SendAsync(Encoding.ASCII.GetBytes($"GET /api/live?limit=0&{from} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
            sockets.Add(socket);
        }

        await Eventually.IsSoAsync(async () => await TakenAsync(collector) == readers, () => collector.Log);
        using var wire = new Wire();
        var text = new string('x', 1_000);
        for (var request = 0; request < megabytes; request++)
        {
            var now = (ulong)DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000_000;
            var records = Enumerable.Range(0, 900).Select(i => OtlpMessage.Record(now + (ulong)i, text)).ToArray();
            await wire.GrpcAsync(collector.Grpc, Wire.LogsMethod, Wire.Frame(OtlpMessage.Logs($"unread-{request % 8}", records)));
        }

        collector.PeakMemory.ShouldBeLessThan(400L << 20);
        // Whoever reads is served meanwhile.
        await using var live = await LiveClient.OpenAsync(collector, "limit=1");
        (await live.NextAsync()).Event.ShouldBe("log");
        sockets.ForEach(static socket => socket.Dispose());
        await Eventually.IsSoAsync(async () => await TakenAsync(collector) == 1, () => collector.Log);
    }

    private static async Task<Socket?> TryConnectAsync(IPEndPoint port)
    {
        try
        {
            return await Caller.ConnectAsync(One, port).WaitAsync(_patience);
        }
        catch (Exception e) when (e is SocketException or TimeoutException)
        {
            return null;
        }
    }

    private static async Task<bool> IsReadyAsync(CollectorProcess collector) =>
        (await AnswerAsync(One, collector.Web)).StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal);

    // All that comes, until the server closes or has answered.
    private static async Task<string> AnswerAsync(string from, IPEndPoint port)
    {
        try
        {
            using var socket = await Caller.ConnectAsync(from, port).WaitAsync(_patience);
            await socket.SendAsync("GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"u8.ToArray());
            await using var stream = new NetworkStream(socket);
            using var text = new StreamReader(stream, Encoding.ASCII);
            return await text.ReadToEndAsync().WaitAsync(_patience);
        }
        catch (Exception e) when (e is SocketException or IOException or TimeoutException)
        {
            return e.Message;
        }
    }

    private static async Task<HttpResponseMessage> OpenAsync(HttpClient client, CollectorProcess collector, string? forwardedFor = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{collector.Web}/api/live?limit=0");
        if (forwardedFor is not null)
        {
            request.Headers.Add("X-Forwarded-For", forwardedFor);
        }

        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static async Task ShouldBeRefusedAsync(HttpClient client, CollectorProcess collector, string why, string? forwardedFor = null)
    {
        using var refused = await OpenAsync(client, collector, forwardedFor);
        refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        refused.Headers.RetryAfter.ShouldNotBeNull();
        using var problem = JsonDocument.Parse(await refused.Content.ReadAsStringAsync());
        problem.RootElement.GetProperty("detail").GetString()!.ShouldContain(why);
    }

    private static Task<double> ConnectionsAsync(CollectorProcess collector) => MetricAsync(collector, "collector_places_taken", "kind=\"connections\"");

    private static Task<double> TakenAsync(CollectorProcess collector) => MetricAsync(collector, "collector_places_taken", "kind=\"live_readers\"");

    private static Task<double> CutAsync(CollectorProcess collector) =>
        MetricAsync(collector, "collector_places_refused_total", "kind=\"live_readers\",reason=\"slow\"");

    private static async Task<double> MetricAsync(CollectorProcess collector, string name, string labels)
    {
        using var client = Caller.At("127.0.0.9");
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Secret);
        return PrometheusText.Parse(await client.GetStringAsync(new Uri($"http://{collector.Web}/metrics"))).ValueOf(name, labels);
    }
}
