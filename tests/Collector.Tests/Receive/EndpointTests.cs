using Collector.Receive.Http;
using Collector.Tests.Support;
using Microsoft.AspNetCore.Http;

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
    [InlineData("https://app.example", true)]
    [InlineData("https://evil.example", false)]
    public void A_preflight_is_answered_for_configured_origins_only(string origin, bool allowed)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = "OPTIONS";
        context.Request.Headers.Origin = origin;

        new Cors(["https://app.example"]).Answer(context).ShouldBe(allowed);

        context.Response.Headers.AccessControlAllowOrigin.ToString().ShouldBe(allowed ? origin : "");
        context.Response.Headers.AccessControlAllowHeaders.ToString().ShouldBe(allowed ? "content-type, content-encoding, authorization" : "");
    }
}
