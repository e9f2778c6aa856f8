using System.Text.Json;
using Collector.Commands;
using Collector.Tests.Support;
using Xunit.Abstractions;

namespace Collector.Tests.EndToEnd;

/// <summary>Segments, sealing and retention of the real process, on disks that are not kind.</summary>
public sealed class StorageTests(ITestOutputHelper output) : IDisposable
{
    private const int Padding = 60_000;

    private readonly Producer _producer = new();
    private readonly Wire _wire = new();

    [Fact]
    public async Task The_storage_answer_shows_segments_from_hot_to_sealed_and_the_rules()
    {
        await using var collector = await CollectorProcess.StartAsync("--Storage:SegmentRows=1000", "--Retention:MaxAge=3000.00:00:00");
        for (var i = 0; i < 3; i++)
        {
            await SendAsync(collector, i, records: 1_000, new string('c', 20));
        }

        await SealedAsync(collector, 2);
        var storage = await collector.GetJsonAsync("/api/storage");
        var segments = storage.GetProperty("segments").EnumerateArray().ToArray();
        segments.Select(static s => s.GetProperty("state").GetString()).ShouldBe(["sealed", "sealed", "hot"]);
        segments.Select(static s => s.GetProperty("rows").GetInt32()).ShouldBe([1_000, 1_000, 1_000]);
        segments.ShouldAllBe(static s => s.GetProperty("bytes").GetInt64() > 100_000);
        segments[0].GetProperty("first_timestamp").GetString().ShouldBe("2026-11-23T12:00:00.000000000Z");
        storage.GetProperty("rows").GetInt32().ShouldBe(3_000);
        storage.GetProperty("bytes").GetInt64().ShouldBe(segments.Sum(static s => s.GetProperty("bytes").GetInt64()));
        storage.GetProperty("oldest").GetString().ShouldBe(segments[0].GetProperty("first_arrival").GetString());
        storage.GetProperty("max_age_seconds").GetInt32().ShouldBe(3_000 * 86_400);
        var free = storage.GetProperty("disk_free_bytes").GetInt64();
        free.ShouldBePositive();
        // Other programs write to the disk meanwhile.
        storage.GetProperty("max_bytes").GetInt64().ShouldBeInRange((long)(0.4 * free), (long)(1.6 * free));
        storage.GetProperty("disk_floor_bytes").GetInt64().ShouldBeInRange(1, 64 << 20);
        storage.GetProperty("retention").GetProperty("removed").GetProperty("segments").GetInt32().ShouldBe(0);
        storage.GetProperty("retention").GetProperty("paused_until").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task A_quota_makes_room_on_a_disk_without_a_byte_left()
    {
        await using var disk = await SmallDisk.TryMountAsync(megabytes: 40);
        if (disk is null)
        {
            output.WriteLine("Not tested: a small file system can't be mounted here.");
            return;
        }

        var sent = 0;
        await using (var collector = await CollectorProcess.StartOnAsync(disk.Path, "--Storage:SegmentBytes=2097152"))
        {
            for (; sent < 400; sent++)
            {
                await Eventually.IsSoAsync(() => _producer.IsAcknowledgedAsync(collector, sent, Padding), () => collector.Log);
            }

            (await collector.TerminateAsync()).ShouldBe(0);
        }

        FillUp(Path.Combine(disk.Path, "filler"));
        await using var again = await CollectorProcess.StartOnAsync(
            disk.Path, "--Storage:SegmentBytes=2097152", "--Retention:MaxBytes=16777216", "--Retry:BaseDelay=00:00:00.005");
        for (var last = sent + 20; sent < last; sent++)
        {
            await Eventually.IsSoAsync(() => _producer.IsAcknowledgedAsync(again, sent, Padding), () => again.Log);
        }

        JsonElement storage = default;
        await Eventually.IsSoAsync(
            async () =>
            {
                storage = await again.GetJsonAsync("/api/storage");
                return storage.GetProperty("bytes").GetInt64() <= 16 << 20;
            },
            () => $"{storage}");
        var recent = storage.GetProperty("retention").GetProperty("recent");
        recent.GetArrayLength().ShouldBePositive();
        recent[0].GetProperty("rule").GetString().ShouldBe("bytes");
        again.Log.ShouldContain("is deleted by the rule of bytes");
        var found = await again.MessagesAsync("producer");
        found.ShouldBe(Enumerable.Range(sent - found.Count, found.Count).SelectMany(_producer.Messages));
    }

    [Fact]
    public async Task With_a_read_only_root_one_writable_folder_is_enough_also_for_sealing()
    {
        await using var disk = await SmallDisk.TryMountAsync(megabytes: 100);
        if (disk is null)
        {
            output.WriteLine("Not tested: a file system can't be mounted here.");
            return;
        }

        // Long ids, so that their index is sorted on disk and not in memory.
        await using var collector = await CollectorProcess.StartInReadOnlyRootAsync(disk.Path, "--Storage:SegmentRows=40000");
        for (var i = 0; i < 41; i++)
        {
            await SendAsync(collector, i, records: 1_000, new string((char)('a' + (i % 26)), 240));
        }

        await SealedAsync(collector, 1);
        collector.Log.ShouldNotContain("could not be sealed");
        var answer = await collector.GetJsonAsync($"/api/correlations/{new string('c', 240)}");
        answer.GetProperty("logs").GetArrayLength().ShouldBe(2_000);
    }

    public void Dispose()
    {
        _producer.Dispose();
        _wire.Dispose();
    }

    private static Task SealedAsync(CollectorProcess collector, int segments) => Eventually.IsSoAsync(
        async () => (await collector.GetJsonAsync("/api/storage")).GetProperty("segments").EnumerateArray()
            .Count(static s => s.GetProperty("state").GetString() == "sealed") == segments,
        () => collector.Log);

    private static void FillUp(string path)
    {
        using var filler = File.Create(path);
        var block = new byte[4_096];
        var bound = new LoopBound();
        try
        {
            while (bound.Holds())
            {
                filler.Write(block);
                filler.Flush();
            }
        }
        catch (IOException)
        {
            // Full: that is what it is for.
        }
    }

    private async Task SendAsync(CollectorProcess collector, int number, int records, string correlation)
    {
        var body = OtlpMessage.Logs("storage", [.. Enumerable.Range(0, records).Select(i =>
            OtlpMessage.Record(Some.Noon + (ulong)((number * records) + i), $"{number}.{i}", OtlpMessage.Correlated(correlation)))]);
        await Eventually.IsSoAsync(
            async () => (await _wire.GrpcAsync(collector.Grpc, Wire.LogsMethod, Wire.Frame(body))).Status == 0, () => collector.Log);
    }
}
