using Collector.Receive.Request;
using Collector.Storage;
using Collector.Tests.Support;

namespace Collector.Tests.Receive.Request;

public sealed class SendingKeysTests
{
    private const string Key = "right-key";

    [Theory]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("right-key", false)]
    [InlineData("Bearer wrong-key", false)]
    [InlineData("Bearer right-ke", false)]
    [InlineData("Bearer right-key2", false)]
    [InlineData("Basic right-key", false)]
    [InlineData("Bearer right-key", true)]
    [InlineData("bearer right-key", true)]
    [InlineData("Bearer other-key", true)]
    public async Task Both_ports_ask_for_one_of_the_keys(string? authorization, bool allowed)
    {
        await using var faces = new TestEndpoints(new RuledStore(_ => AppendResult.Committed), keys: [Key, "other-key"]);
        var body = OtlpMessage.Logs("keys", OtlpMessage.Record(Batches.Noon, "text"));

        (await faces.GrpcAsync(Wire.LogsMethod, Wire.Frame(body), isGzip: false, authorization)).ShouldBe(allowed ? 0 : 16);
        (await faces.HttpAsync("/v1/logs", body, "application/x-protobuf", null, authorization)).ShouldBe(allowed ? 200 : 401);
    }

    [Fact]
    public void Without_keys_everybody_may_send() => SomeKeys.Sending().IsOpen.ShouldBeTrue();
}
