using System.Net;
using Collector.Diagnostics;
using Collector.Hosting;
using Collector.Limits;
using Collector.Pipeline.Ledger;
using Collector.Receive.Grpc;
using Collector.Receive.Request;
using Collector.Receive.TailStream;
using Collector.Tests.Support;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Grpc.Reflection.V1Alpha;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace Collector.Tests.Receive.Grpc;

/// <summary>The gRPC port by itself, over sockets, with methods of the test's.</summary>
public sealed class GrpcApplicationTests : IAsyncLifetime
{
    private const string Key = "a-key-of-a-producer";
    private const string Method = "/test.v1.Service/Answer";

    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private readonly CollectorMetrics _metrics = new(TimeProvider.System);
    private readonly DoorLedger _door = new(TimeProvider.System, NullLogger<DoorLedger>.Instance);
    private readonly CallerPlaces _places;
    private readonly CancellationTokenSource _stopping = new();
    private readonly RecordingLogger _log = new();
    private readonly ILoggerFactory _logs;
    private readonly PrometheusExporter _counted;
    private readonly Wire _wire = new();
    private readonly List<IngestServer> _servers = [];
    private volatile string? _whyNotReady;
    private IngestServer _open = null!;

    public GrpcApplicationTests()
    {
        _counted = new PrometheusExporter(_metrics.Meter);
        _counted.Start();
        _places = new CallerPlaces(new LimitOptions { Streams = 10 }, _metrics);
        _logs = LoggerFactory.Create(log => log.AddProvider(new OneLogger(_log)));
    }

    public async Task InitializeAsync() => _open = await StartAsync();

    public async Task DisposeAsync()
    {
        await _stopping.CancelAsync();
        foreach (var server in _servers)
        {
            using var now = new CancellationTokenSource();
            await now.CancelAsync();
            await server.StopAsync(now.Token);
            await server.DisposeAsync();
        }

        _logs.Dispose();
        _wire.Dispose();
        _counted.Dispose();
        _places.Dispose();
        _metrics.Dispose();
        _stopping.Dispose();
    }

    [Fact]
    public async Task Health_is_serving_exactly_while_there_is_no_reason_against_it()
    {
        using var channel = Channel(_open);
        var health = new Health.HealthClient(channel);

        (await health.CheckAsync(new HealthCheckRequest())).Status.ShouldBe(ServingStatus.Serving);
        (await health.CheckAsync(new HealthCheckRequest { Service = "test.v1.Service" })).Status.ShouldBe(ServingStatus.Serving);
        _whyNotReady = "the writer is not alive";
        (await health.CheckAsync(new HealthCheckRequest())).Status.ShouldBe(ServingStatus.NotServing);
        (await health.CheckAsync(new HealthCheckRequest { Service = "test.v1.Service" })).Status.ShouldBe(ServingStatus.NotServing);

        var unknown = await Should.ThrowAsync<RpcException>(async () => await health.CheckAsync(new HealthCheckRequest { Service = "no.Service" }));
        unknown.StatusCode.ShouldBe(StatusCode.NotFound);
    }

    [Fact]
    public async Task Who_watches_health_is_told_of_each_change_and_of_the_stop()
    {
        using var channel = Channel(_open);
        using var watch = new Health.HealthClient(channel).Watch(new HealthCheckRequest());
        (await NextAsync(watch)).ShouldBe(ServingStatus.Serving);

        _whyNotReady = "the writer is not alive";
        var next = NextAsync(watch);
        await PassUntilAsync(next);
        (await next).ShouldBe(ServingStatus.NotServing);

        await _stopping.CancelAsync();
        var end = await Should.ThrowAsync<RpcException>(() => watch.ResponseStream.MoveNext(CancellationToken.None));
        end.StatusCode.ShouldBe(StatusCode.Unavailable);
    }

    [Fact]
    public async Task Reflection_lists_the_services_and_describes_those_with_a_schema()
    {
        using var channel = Channel(_open);
        using var call = new ServerReflection.ServerReflectionClient(channel).ServerReflectionInfo();

        await call.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" });
        (await call.ResponseStream.MoveNext(CancellationToken.None)).ShouldBeTrue();
        call.ResponseStream.Current.ListServicesResponse.Service.Select(static service => service.Name)
            .ShouldBe(["test.v1.Service", "grpc.health.v1.Health"]);

        await call.RequestStream.WriteAsync(new ServerReflectionRequest { FileContainingSymbol = "collector.tail.v1.TailService" });
        (await call.ResponseStream.MoveNext(CancellationToken.None)).ShouldBeTrue();
        call.ResponseStream.Current.FileDescriptorResponse.FileDescriptorProto.ShouldHaveSingleItem().ToStringUtf8().ShouldContain("TailBatch");
        await call.RequestStream.CompleteAsync();
    }

    [Theory]
    [InlineData("/abc")]
    [InlineData("/a.Service/Method")]
    [InlineData("/test.v1.Service/Other")]
    [InlineData("/test.v1.Service/Answer/more")]
    [InlineData("/")]
    public async Task A_method_that_does_not_exist_is_counted_and_told_which_do(string path)
    {
        var reply = await _wire.GrpcAsync(_open.Address, path, Wire.Frame([]));

        (reply.Http, reply.Status, reply.AcceptEncoding).ShouldBe((200, (int)StatusCode.Unimplemented, "identity,gzip,zstd,snappy,deflate"));
        reply.Message.ShouldBe($"no method {path}; there are {Method}, /test.v1.Service/Refuse, /test.v1.Service/Fail");
        Counted("unknown", "unimplemented").ShouldBe(1);
    }

    [Theory]
    [InlineData("/test.v1.Service/Answer/")]
    [InlineData("/test.v1.service/ANSWER")]
    public async Task Letter_case_and_a_slash_at_the_end_are_the_routers_business(string path) =>
        (await _wire.GrpcAsync(_open.Address, path, Wire.Frame([]))).Status.ShouldBe(0);

    [Fact]
    public async Task What_is_not_gRPC_is_answered_in_plain_HTTP_and_counted()
    {
        using var get = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://{_open.Address}{Method}"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var answer = await _wire.Client.SendAsync(get);
        answer.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        answer.Content.Headers.Allow.ShouldBe(["POST"]);
        (await _wire.GrpcAsync(_open.Address, Method, [], "application/json")).Http.ShouldBe(415);

        Counted("tail", "wrong_method").ShouldBe(1);
        Counted("tail", "wrong_content_type").ShouldBe(1);
    }

    [Fact]
    public async Task A_refusal_tells_when_to_retry_without_an_exception_on_the_way()
    {
        var reply = await _wire.GrpcAsync(_open.Address, "/test.v1.Service/Refuse", Wire.Frame([]));

        Producer.SaysRetry(reply).ShouldBeTrue();
        (reply.Message, reply.AcceptEncoding).ShouldBe(("100 % full, café", "identity,gzip,zstd,snappy,deflate"));
        Counted("tail", "overloaded").ShouldBe(1);
        _log.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_error_that_nobody_foresaw_is_logged_once_and_tells_no_details()
    {
        var reply = await _wire.GrpcAsync(_open.Address, "/test.v1.Service/Fail", Wire.Frame([]));

        (reply.Status, reply.Message).ShouldBe(((int)StatusCode.Unavailable, "Collector failed; its log says why, and the same request may go well"));
        Producer.SaysRetry(reply).ShouldBeTrue("it may have been a matter of the moment");
        _log.Errors.ShouldBe(["The call /test.v1.Service/Fail failed"]);
    }

    [Fact]
    public async Task Without_a_key_there_is_only_health()
    {
        var closed = await StartAsync(Key);
        using var channel = Channel(closed);

        var reply = await _wire.GrpcAsync(closed.Address, Method, Wire.Frame([]));
        (reply.Status, reply.AcceptEncoding).ShouldBe(((int)StatusCode.Unauthenticated, "identity,gzip,zstd,snappy,deflate"));
        Counted("tail", "unauthenticated").ShouldBe(1);
        using var reflection = new ServerReflection.ServerReflectionClient(channel).ServerReflectionInfo();
        var refused = await Should.ThrowAsync<RpcException>(() => reflection.ResponseStream.MoveNext(CancellationToken.None));
        refused.StatusCode.ShouldBe(StatusCode.Unauthenticated);

        (await new Health.HealthClient(channel).CheckAsync(new HealthCheckRequest())).Status.ShouldBe(ServingStatus.Serving);
        (await _wire.GrpcAsync(closed.Address, Method, Wire.Frame([]), headers: ("authorization", $"Bearer {Key}"))).Status.ShouldBe(0);
    }

    [Fact]
    public async Task A_reflection_stream_that_is_kept_open_ends_at_the_stop()
    {
        var server = await StartAsync();
        using var channel = Channel(server);
        using var reflection = new ServerReflection.ServerReflectionClient(channel).ServerReflectionInfo();
        await reflection.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" });
        (await reflection.ResponseStream.MoveNext(CancellationToken.None)).ShouldBeTrue();

        await _stopping.CancelAsync();

        await Should.ThrowAsync<RpcException>(() => reflection.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(1)));
    }

    private static GrpcChannel Channel(IngestServer server) => GrpcChannel.ForAddress($"http://{server.Address}");

    private static async Task<ServingStatus> NextAsync(AsyncServerStreamingCall<HealthCheckResponse> watch)
    {
        (await watch.ResponseStream.MoveNext(CancellationToken.None)).ShouldBeTrue();
        return watch.ResponseStream.Current.Status;
    }

    [Fact]
    public async Task One_address_has_all_but_a_tenth_of_the_streams_and_a_place_is_there_again_when_one_has_left()
    {
        using var channel = GrpcChannel.ForAddress($"http://{_open.Address}");
        var client = new Health.HealthClient(channel);
        var watches = Enumerable.Range(0, 9).Select(_ => client.Watch(new HealthCheckRequest())).ToList();
        foreach (var watch in watches)
        {
            (await NextAsync(watch)).ShouldBe(ServingStatus.Serving);
        }

        var refused = await Should.ThrowAsync<RpcException>(async () => await NextAsync(client.Watch(new HealthCheckRequest())));
        refused.StatusCode.ShouldBe(StatusCode.Unavailable);
        refused.Status.Detail.ShouldContain("9 of 10 (Limits:Streams)");
        (await client.CheckAsync(new HealthCheckRequest())).Status.ShouldBe(ServingStatus.Serving, "a call that ends by itself needs no place");

        watches[3].Dispose();
        await Eventually.IsSoAsync(() => _places.Streams.Taken == 8, () => $"{_places.Streams.Taken}");
        watches[3] = client.Watch(new HealthCheckRequest());
        (await NextAsync(watches[3])).ShouldBe(ServingStatus.Serving);
        watches.ForEach(static watch => watch.Dispose());
        await Eventually.IsSoAsync(() => _places.Streams.Taken == 0, () => $"{_places.Streams.Taken}");
    }

    private Task PassUntilAsync(Task task) => Eventually.IsSoAsync(
        () =>
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            return task.IsCompleted;
        },
        static () => "no change was told");

    private async Task<IngestServer> StartAsync(params string[] keys)
    {
        IGrpcMethod[] methods = [new TestMethod("Answer"), new TestMethod("Refuse"), new TestMethod("Fail")];
        var endpoint = new GrpcEndpoint(methods, new BodyLimits(1 << 20, _clock), _door, _metrics, _logs.CreateLogger<GrpcEndpoint>());
        var health = new GrpcHealth(() => _whyNotReady, endpoint.Services, _clock, _stopping.Token);
        var application = new GrpcApplication(endpoint, new GrpcGate(methods, SomeKeys.Sending(keys), _door, _metrics), new GrpcStreams(_places.Streams, _metrics), health, [TailService.File], _stopping.Token);
        var server = new IngestServer(
            new IPEndPoint(IPAddress.Loopback, 0), HttpProtocols.Http2,
            new ListenerPlaces(_places.Connections, new TrustedProxies([]), _metrics, _clock, _logs.CreateLogger<ListenerPlaces>()),
            new Tls(null, _door, _clock), _logs, application.AddServices, application.Build);
        _servers.Add(server);
        await server.StartAsync(CancellationToken.None);
        return server;
    }

    private double Counted(string signal, string outcome) => PrometheusText.Parse(_counted.Write())
        .ValueOf("collector_requests_total", $"transport=\"grpc\",signal=\"{signal}\",outcome=\"{outcome}\"");

    private sealed class OneLogger(ILogger log) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => log;

        public void Dispose()
        {
        }
    }

    private sealed class TestMethod(string name) : IGrpcMethod
    {
        public string Service => "test.v1.Service";

        public string Name => name;

        public RequestSignal Signal => RequestSignal.Tail;

        public ValueTask<GrpcAnswer> InvokeAsync(GrpcCall call, CancellationToken cancellation) => name switch
        {
            "Answer" => ValueTask.FromResult(new GrpcAnswer(ReceiveResult.Ok, [])),
            "Refuse" => ValueTask.FromResult(new GrpcAnswer(ReceiveResult.Overloaded("100 % full, café"), null)),
            _ => throw new InvalidOperationException("nobody foresaw this"),
        };
    }
}
