using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Collector.Tests.Support;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Collector.Tests.EndToEnd;

public sealed class MetricsPushTests : IDisposable
{
    private readonly string _folder = CollectorProcess.NewFolder();

    [Theory]
    [InlineData("HttpProtobuf", HttpProtocols.Http1, "/v1/metrics", "application/x-protobuf")]
    [InlineData("Grpc", HttpProtocols.Http2, "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", "application/grpc")]
    public async Task The_same_figures_are_sent_to_an_OTLP_endpoint_at_the_latest_at_the_end(
        string protocol, HttpProtocols served, string path, string contentType)
    {
        await using var receiver = await OtlpReceiver.StartAsync(served);
        await using var collector = await CollectorProcess.StartOnAsync(
            _folder, $"--Telemetry:OtlpEndpoint={receiver.Url}", $"--Telemetry:Protocol={protocol}");
        using var wire = new Wire();
        var logs = OtlpMessage.Logs("pushed", OtlpMessage.Record(Some.Noon, "one"));
        (await wire.GrpcAsync(collector.Grpc, Wire.LogsMethod, Wire.Frame(logs))).Status.ShouldBe(0);

        (await collector.TerminateAsync()).ShouldBe(0);

        receiver.TryTake(out var pushed).ShouldBeTrue(collector.Log);
        collector.Log.ShouldNotContain("can't be sent");
        collector.Log.ShouldNotContain("not sent in time");
        collector.Log.ShouldNotContain("were not sent");
        pushed.Path.ShouldBe(path);
        pushed.ContentType.ShouldBe(contentType);
        var text = Encoding.UTF8.GetString(pushed.Body);
        string[] names = ["collector.requests", "collector.rows", "collector.commit.duration", "collector.store.rows", "transport", "service.name"];
        names.ShouldAllBe(name => text.Contains(name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_endpoint_that_is_away_is_named_and_costs_nothing_else()
    {
        // A port that was free a moment ago.
        Uri away;
        await using (var receiver = await OtlpReceiver.StartAsync(HttpProtocols.Http1))
        {
            away = receiver.Url;
        }

        await using var collector = await CollectorProcess.StartOnAsync(_folder, $"--Telemetry:OtlpEndpoint={away}");

        (await collector.TerminateAsync()).ShouldBe(0);
        collector.Log.ShouldContain($"Metrics can't be sent to {away}");
    }

    [Fact]
    public async Task An_endpoint_that_never_answers_does_not_hold_up_the_exit()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var collector = await CollectorProcess.StartOnAsync(_folder, $"--Telemetry:OtlpEndpoint=http://{silent.LocalEndpoint}");
        var since = Stopwatch.StartNew();

        (await collector.TerminateAsync()).ShouldBe(0);

        // The deadline of a shutdown; an export alone would take ten.
        since.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(8));
        collector.Log.ShouldContain("A task in the background failed: the last push of metrics");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
