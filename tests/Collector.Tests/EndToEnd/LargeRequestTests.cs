using System.Text;
using Collector.Model;
using Collector.Tests.Support;
using Xunit.Abstractions;

namespace Collector.Tests.EndToEnd;

/// <summary>A lone request of ordinary records is taken up to the documented limit, and costs its message's memory.</summary>
public sealed class LargeRequestTests(ITestOutputHelper output) : IDisposable
{
    private const int BytesOfRecord = 110;

    private readonly Wire _wire = new();

    [Fact]
    public Task Twenty_megabytes_of_ordinary_records_are_stored_whole_and_once_within_bounded_memory() => SendAsync(20 << 20);

    [LongFact]
    public Task So_are_as_many_as_the_limit_allows() => SendAsync((64 << 20) - 4096);

    [Fact]
    public Task Twenty_megabytes_of_tail_items_are_stored_whole_and_once_within_bounded_memory() => SendItemsAsync(20 << 20);

    [LongFact]
    public Task So_are_as_many_items_as_the_limit_allows() => SendItemsAsync((64 << 20) - 4096);

    [LongFact]
    public Task Six_uploads_of_60_MB_at_once_are_all_stored_in_the_end() => SendManyAsync(new Wrapping([]), most: 300L << 20);

    [LongFact]
    public Task So_are_they_in_a_heap_of_256_MB_and_nothing_is_answered_for_good() => SendManyAsync(
        new Wrapping([]) { Environment = new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = "0x10000000" } }, most: long.MaxValue);

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

    private async Task SendItemsAsync(int bytes)
    {
        await using var collector = await CollectorProcess.StartAsync();
        var body = Items(bytes, 0, out var items);

        var first = await _wire.HttpAsync(collector.Http, "/v1/tail", body, "application/json");
        var again = await _wire.HttpAsync(collector.Http, "/v1/tail", body, "application/json");

        (first.Status, again.Status).ShouldBe((200, 200), first.Text);
        (await collector.SettledAsync()).ShouldBe(Counts.Of(4 * items, stored: 2 * items, duplicate: 2 * items));
        output.WriteLine($"{body.Length} bytes, {items} items, peak memory {collector.PeakMemory >> 20} MiB");
        collector.PeakMemory.ShouldBeLessThan(300L << 20);
    }

    // Three of OTLP JSON and three of tail items.
    private async Task SendManyAsync(Wrapping wrapping, long most)
    {
        using var folder = new TemporaryFolder();
        var (process, log) = await CollectorProcess.TryStartAsync(folder.Path, wrapping);
        await using var collector = process.ShouldNotBeNull(log);
        var rows = 0;
        var uploads = new List<Task<List<int>>>();
        for (var i = 0; i < 6; i++)
        {
            var isTail = i % 2 == 0;
            var body = isTail ? Items(60_000_000, i, out var count) : Json(57_000_000, i, out count);
            rows += isTail ? 2 * count : count;
            uploads.Add(Task.Run(() => UploadAsync(collector, isTail ? "/v1/tail" : "/v1/logs", body)));
        }

        var answers = await Task.WhenAll(uploads);

        output.WriteLine($"answers: {string.Join("; ", answers.Select(static one => string.Join(',', one)))}; peak memory {collector.PeakMemory >> 20} MiB");
        answers.SelectMany(static one => one).ShouldAllBe(static status => status == 200 || status == 503 || status == 504);
        answers.Select(static one => one[^1]).ShouldAllBe(static last => last == 200);
        var ledger = await collector.SettledAsync();
        output.WriteLine($"{rows} rows; {ledger}");
        ledger.Stored.ShouldBe(rows);
        collector.PeakMemory.ShouldBeLessThan(most);
    }

    private static async Task<List<int>> UploadAsync(CollectorProcess collector, string path, byte[] body)
    {
        using var wire = new Wire();
        var answers = new List<int>();
        for (var attempt = 0; attempt < 60 && answers.LastOrDefault() != 200; attempt++)
        {
            answers.Add((await wire.HttpAsync(collector.Http, path, body, "application/json")).Status);
        }

        return answers;
    }

    private static byte[] Items(int bytes, int upload, out int items)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var text = new StringBuilder("[");
        for (items = 0; text.Length < bytes - 400; items++)
        {
            var line = $"an ordinary line of a worker, upload {upload}, number {items}";
            text.Append(items == 0 ? "" : ",").Append(System.Globalization.CultureInfo.InvariantCulture, $$"""{"scriptName":"edge","outcome":"ok","eventTimestamp":{{now}},"logs":[{"level":"log","timestamp":{{now}},"message":["{{line}}"]}],"exceptions":[]}""");
        }

        return Encoding.UTF8.GetBytes(text.Append(']').ToString());
    }

    private static byte[] Json(int bytes, int upload, out int records)
    {
        var now = Timestamps.ToNanos(TimeProvider.System.GetUtcNow());
        var text = new StringBuilder("""{"resourceLogs":[{"resource":{},"scopeLogs":[{"logRecords":[""");
        for (records = 0; text.Length < bytes - 400; records++)
        {
            text.Append(records == 0 ? "" : ",").Append(System.Globalization.CultureInfo.InvariantCulture, $$"""{"timeUnixNano":"{{now}}","body":{"stringValue":"an ordinary message, upload {{upload}}, number {{records}}"} }""");
        }

        return Encoding.UTF8.GetBytes(text.Append("]}]}]}").ToString());
    }
}
