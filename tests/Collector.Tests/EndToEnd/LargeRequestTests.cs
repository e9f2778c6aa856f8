using Collector.Model;
using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

/// <summary>A lone request of ordinary records is taken up to the documented limit, and costs its message's memory.</summary>
public sealed class LargeRequestTests : IDisposable
{
    private const int BytesOfRecord = 110;

    private readonly Wire _wire = new();

    [Fact]
    public Task Twenty_megabytes_of_ordinary_records_are_stored_whole_and_once_within_bounded_memory() => SendAsync(20 << 20);

    [LongFact]
    public Task So_are_as_many_as_the_limit_allows() => SendAsync((64 << 20) - 4096);

    public void Dispose() => _wire.Dispose();

    private async Task SendAsync(int bytes)
    {
        await using var collector = await CollectorProcess.StartAsync();
        var records = bytes / BytesOfRecord;
        var body = Message(records);
        body.Length.ShouldBeInRange(bytes / 2, bytes);

        var first = await _wire.HttpAsync(collector.Http, "/v1/logs", body, "application/x-protobuf");
        var again = await _wire.GrpcAsync(collector.Grpc, Wire.LogsMethod, Wire.Frame(body));

        first.Status.ShouldBe(200, first.Text);
        (again.Status, again.IsDuplicate).ShouldBe((0, true));
        (await collector.SettledAsync()).ShouldBe(Counts.Of(2 * records, stored: records, duplicate: records));
        foreach (var number in new[] { 0, records / 2, records - 1 })
        {
            var found = await collector.GetJsonAsync($"/api/correlations/order-{number}");
            found.GetProperty("logs").GetArrayLength().ShouldBe(1);
        }

        collector.PeakMemory.ShouldBeLessThan(300L << 20);
    }

    private static byte[] Message(int records)
    {
        var now = Timestamps.ToNanos(TimeProvider.System.GetUtcNow());
        var scope = new MemoryStream();
        for (var i = 0; i < records; i++)
        {
            scope.Write(OtlpMessage.Record(now + (ulong)i, $"an ordinary message of a service, number {i}", OtlpMessage.Correlated($"order-{i}")));
        }

        return OtlpMessage.Logs("ordinary", scope.ToArray());
    }
}
