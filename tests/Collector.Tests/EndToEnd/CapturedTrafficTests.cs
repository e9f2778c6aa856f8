using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

/// <summary>Real SDKs' requests, byte for byte as they were sent, to the real process.</summary>
public sealed class CapturedTrafficTests(RunningCollector running) : IClassFixture<RunningCollector>, IDisposable
{
    private readonly Wire _wire = new();
    private readonly CollectorProcess _collector = running.Process;

    public static TheoryData<string> Names => [.. Fixtures.Names()];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_captured_request_is_stored_with_the_rows_its_sidecar_says(string name)
    {
        var request = Fixtures.Read(name);
        var before = await StoredAsync();

        if (request.IsGrpc)
        {
            (string, string)[] headers = request.Encoding is { } encoding ? [("grpc-encoding", encoding)] : [];
            var reply = await _wire.GrpcAsync(_collector.Grpc, request.Path, request.Body, headers: headers);
            reply.Status.ShouldBe(0, reply.Message);
            reply.Body.ShouldBe(new byte[5], "partial_success stays unset");
        }
        else
        {
            var reply = await _wire.HttpAsync(_collector.Http, request.Path, request.Body, request.ContentType, request.Encoding);
            reply.Status.ShouldBe(200, reply.Text);
            reply.Text.ShouldBe(request.ContentType == "application/json" ? "{}" : "");
        }

        (await StoredAsync() - before).ShouldBe(Fixtures.RowsOf(request));
    }

    public void Dispose() => _wire.Dispose();

    // An attempt that a client built anew is known as the one before it.
    private async Task<long> StoredAsync()
    {
        var total = (await _collector.GetJsonAsync("/api/ledger")).GetProperty("total");
        return total.GetProperty("stored").GetInt64() + total.GetProperty("duplicate").GetInt64();
    }
}
