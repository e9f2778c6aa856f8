using System.Text.Json;
using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

public sealed class WorkerPagesTests
{
    [Fact]
    public async Task Workers_come_in_pages_each_once_and_those_with_most_rows_first()
    {
        await using var collector = await CollectorProcess.StartAsync();
        using var wire = new Wire();
        var now = (ulong)DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000_000;
        for (var worker = 0; worker < 250; worker++)
        {
            // Some have as many rows as others: then the name decides.
            var records = Enumerable.Range(0, 1 + (worker % 5)).Select(i => OtlpMessage.Record(now + (ulong)i, "x")).ToArray();
            await wire.GrpcAsync(collector.Grpc, Wire.LogsMethod, Wire.Frame(OtlpMessage.Logs($"Wörker {worker:000}", records)));
        }

        var found = new List<(string Name, long Count)>();
        string? cursor = null;
        var pages = 0;
        var bound = new LoopBound();
        do
        {
            var page = await collector.GetJsonAsync("/api/workers?limit=60" + (cursor is null ? "" : $"&cursor={cursor}"));
            found.AddRange(page.GetProperty("workers").EnumerateArray()
                .Select(static one => (one.GetProperty("worker_name").GetString()!, one.GetProperty("count").GetInt64())));
            cursor = page.GetProperty("next_cursor") is { ValueKind: JsonValueKind.String } next ? next.GetString() : null;
            pages++;
        }
        while (cursor is not null && bound.Holds());

        pages.ShouldBe(5);
        found.ShouldBe(found.OrderByDescending(static one => one.Count).ThenBy(static one => one.Name, StringComparer.Ordinal));
        found.Select(static one => one.Name).Distinct().Count().ShouldBe(250);
        (await collector.GetJsonAsync("/api/workers")).GetProperty("workers").GetArrayLength().ShouldBe(100, "by default");
        (await collector.GetJsonAsync("/api/workers?q=rker%2001&limit=1000")).GetProperty("workers").GetArrayLength().ShouldBe(10);
    }
}
