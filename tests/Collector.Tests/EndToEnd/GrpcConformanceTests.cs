using System.Text;
using Collector.Model;
using Collector.Tests.Support;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Grpc.Reflection.V1Alpha;

namespace Collector.Tests.EndToEnd;

/// <summary>What an OTLP server owes its clients over gRPC, asked by .NET's own gRPC client.</summary>
public sealed class GrpcConformanceTests : IClassFixture<RunningCollector>, IDisposable
{
    private const string Logs = "opentelemetry.proto.collector.logs.v1.LogsService";
    private const string Traces = "opentelemetry.proto.collector.trace.v1.TraceService";

    // For the client a unary method, as in OTLP's schema.
    private static readonly Marshaller<byte[]> _bytes = Marshallers.Create(static bytes => bytes, static bytes => bytes);

    private readonly CollectorProcess _collector;
    private readonly GrpcChannel _channel;

    public GrpcConformanceTests(RunningCollector running)
    {
        _collector = running.Process;
        _channel = GrpcChannel.ForAddress($"http://{_collector.Grpc}");
    }

    [Theory]
    [InlineData(Logs, "identity")]
    [InlineData(Logs, "gzip")]
    [InlineData(Traces, "identity")]
    [InlineData(Traces, "gzip")]
    public async Task An_export_is_answered_by_an_empty_response(string service, string encoding)
    {
        var body = service == Logs ? Good(encoding) : [];

        (await ExportAsync(service, body, new Metadata { { "grpc-internal-encoding-request", encoding } })).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_repeat_is_acknowledged_and_marked()
    {
        var body = Good("repeat");
        using var first = Call(Logs, body);
        await first.ResponseAsync;
        using var again = Call(Logs, body);
        await again.ResponseAsync;

        (await first.ResponseHeadersAsync).Get("collector-duplicate").ShouldBeNull();
        (await again.ResponseHeadersAsync).Get("collector-duplicate")!.Value.ShouldBe("true");
    }

    [Theory]
    [InlineData(Logs, "malformed", StatusCode.InvalidArgument)]
    [InlineData("opentelemetry.proto.collector.profiles.v1development.ProfilesService", "", StatusCode.Unimplemented)]
    [InlineData("some.other.Service", "", StatusCode.Unimplemented)]
    public async Task What_a_retry_cannot_mend_is_refused_for_good(string service, string body, StatusCode status)
    {
        var refused = await Should.ThrowAsync<RpcException>(() => ExportAsync(service, Encoding.UTF8.GetBytes(body)));

        refused.StatusCode.ShouldBe(status);
        refused.Status.Detail.ShouldNotBeEmpty();
        var details = Encoding.UTF8.GetString(refused.Trailers.GetValueBytes("grpc-status-details-bin")!);
        details.ShouldContain(refused.Status.Detail);
        details.ShouldNotContain("RetryInfo");
    }

    [Fact]
    public async Task What_a_retry_may_mend_tells_when_to_retry()
    {
        // The smallest budget, and a large request in it that stalls: where another large one waits, it gives way.
        await using var small = await CollectorProcess.StartAsync("--Queue:MaxBytes=1048576", "--Ingest:MaxRequestBytes=1048576");
        using var stalled = new Wire();
        var content = new StallingContent(Wire.Frame(new byte[400_000]).AsMemory(0, 350_000));
        var holding = stalled.GrpcAsync(small.Grpc, Wire.LogsMethod, content, CancellationToken.None);
        await Eventually.IsSoAsync(async () => await HeldAsync(small) > 300_000, () => small.Log);
        using var wire = new Wire();

        var reply = await wire.GrpcAsync(small.Grpc, Wire.LogsMethod, Wire.Frame(Good(new string('x', 450_000))));

        var refused = reply.Status == 0 ? await holding : reply;
        Producer.SaysRetry(refused).ShouldBeTrue($"{refused.Status} {refused.Message}");
        await holding;
        await Eventually.IsSoAsync(async () => await HeldAsync(small) == 0, () => small.Log);
        (await wire.GrpcAsync(small.Grpc, Wire.LogsMethod, Wire.Frame(Good("waits")))).Status.ShouldBe(0);
    }

    [Fact]
    public async Task A_deadline_is_kept_and_what_was_complete_is_stored_all_the_same()
    {
        await using var collector = await CollectorProcess.StartAsync("--Batch:AckLinger=00:00:05");
        using var wire = new Wire();

        var reply = await wire.GrpcAsync(collector.Grpc, Wire.LogsMethod, Wire.Frame(Good("deadline")), headers: ("grpc-timeout", "2S"));

        reply.Status.ShouldBe((int)StatusCode.DeadlineExceeded);
        (await collector.SettledAsync()).Stored.ShouldBe(1);
        collector.Log.ShouldNotContain("fail:");
    }

    [Fact]
    public async Task Health_and_reflection_tell_what_is_served()
    {
        var health = await new Health.HealthClient(_channel).CheckAsync(new HealthCheckRequest { Service = Logs });
        health.Status.ShouldBe(HealthCheckResponse.Types.ServingStatus.Serving);

        using var call = new ServerReflection.ServerReflectionClient(_channel).ServerReflectionInfo();
        await call.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" });
        (await call.ResponseStream.MoveNext(CancellationToken.None)).ShouldBeTrue();
        await call.RequestStream.CompleteAsync();
        call.ResponseStream.Current.ListServicesResponse.Service.Select(static service => service.Name)
            .ShouldBe([Logs, Traces, "opentelemetry.proto.collector.metrics.v1.MetricsService", "collector.tail.v1.TailService", "grpc.health.v1.Health"]);
    }

    public void Dispose() => _channel.Dispose();

    private static byte[] Good(string message) =>
        OtlpMessage.Logs("conformance", OtlpMessage.Record(Timestamps.ToNanos(TimeProvider.System.GetUtcNow()), message));

    private static async Task<long> HeldAsync(CollectorProcess collector) =>
        (await collector.GetJsonAsync("/api/status")).GetProperty("queue").GetProperty("bytes").GetInt64();

    private AsyncUnaryCall<byte[]> Call(string service, byte[] body, Metadata? headers = null) => _channel.CreateCallInvoker().AsyncUnaryCall(
        new Method<byte[], byte[]>(MethodType.Unary, service, "Export", _bytes, _bytes), null, new CallOptions(headers), body);

    private async Task<byte[]> ExportAsync(string service, byte[] body, Metadata? headers = null)
    {
        using var call = Call(service, body, headers);
        return await call.ResponseAsync;
    }
}
