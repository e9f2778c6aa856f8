using Collector.Tests.Support;

namespace Collector.Tests.Receive;

public sealed class EndpointTests
{
    private const int DeadlineExceeded = 4;
    private const int Cancelled = 1;

    private static readonly byte[] _body = OtlpMessage.Logs("faces", OtlpMessage.Record(Batches.Noon, "text"));

    [Fact]
    public async Task A_callers_deadline_bounds_its_wait_and_the_rows_are_stored_all_the_same()
    {
        using var store = new GatedStore();
        await using var faces = new TestEndpoints(store);

        var status = await faces.GrpcAsync(Wire.LogsMethod, Wire.Frame(_body), isGzip: false, timeout: "500m");

        status.ShouldBe(DeadlineExceeded);
        faces.Total.ShouldBe(Counts.Of(1));
        store.Let(100);
        await faces.DrainAsync();
        faces.Total.ShouldBe(Counts.Of(1, stored: 1));
    }

    [Fact]
    public async Task A_caller_that_leaves_after_its_message_does_not_take_the_rows_along()
    {
        using var store = new GatedStore();
        await using var faces = new TestEndpoints(store);
        using var caller = new CancellationTokenSource();
        var call = faces.GrpcAsync(Wire.LogsMethod, Wire.Frame(_body), isGzip: false, aborted: caller.Token);
        await store.Entered();

        await caller.CancelAsync();

        (await call).ShouldBe(Cancelled);
        store.Let(100);
        await faces.DrainAsync();
        faces.Total.Stored.ShouldBe(1);
    }

    [Theory]
    [InlineData("/v1/logs/")]
    [InlineData("/otlp/v1/logs")]
    [InlineData("/v1/logs/v1/logs")]
    [InlineData("//v1/logs//")]
    [InlineData("/v1/traces/v1/logs")]
    public async Task A_path_is_known_by_its_end(string path)
    {
        using var store = new GatedStore();
        store.Let(100);
        await using var faces = new TestEndpoints(store);

        (await faces.HttpAsync(path, _body, "application/x-protobuf", null)).ShouldBe(200);
        faces.Total.ShouldBe(Counts.Of(1, stored: 1));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/v1/logs/more")]
    [InlineData("/v1/logsx")]
    [InlineData("/v1logs")]
    [InlineData("/V1/LOGS")]
    public async Task What_only_holds_a_path_is_none(string path)
    {
        using var store = new GatedStore();
        store.Let(100);
        await using var faces = new TestEndpoints(store);

        (await faces.HttpAsync(path, _body, "application/x-protobuf", null)).ShouldBe(404);
    }
}
