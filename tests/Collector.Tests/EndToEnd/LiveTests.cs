using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

/// <summary>The live stream of the real process.</summary>
public sealed class LiveTests : IDisposable
{
    private readonly Wire _wire = new();

    [Fact]
    public async Task A_reader_gets_the_snapshot_then_every_row_once_across_roll_overs()
    {
        await using var collector = await CollectorProcess.StartAsync("--Storage:SegmentRows=1000");
        await SendAsync(collector, "live", 0, 50);
        await using var reader = await LiveClient.OpenAsync(collector, "worker=live&limit=20");
        (await reader.MessagesAsync(20)).ShouldBe(Numbers(30, 20));
        (await reader.NextAsync()).Event.ShouldBe("live");

        // Below the limit of 1,000 rows a second, and beyond the end of two segments.
        for (var i = 0; i < 5; i++)
        {
            await SendAsync(collector, "live", 50 + (i * 500), 500);
            await SendAsync(collector, "another", 0, 30);
            (await reader.MessagesAsync(500)).ShouldBe(Numbers(50 + (i * 500), 500));
            await PassAsync(TimeSpan.FromSeconds(0.6));
        }
    }

    [Fact]
    public async Task Whoever_comes_back_goes_on_behind_the_last_event_also_after_a_restart()
    {
        using var folder = new TemporaryFolder();
        string last;
        await using (var collector = await CollectorProcess.StartOnAsync(folder.Path))
        {
            await SendAsync(collector, "live", 0, 10);
            await using var reader = await LiveClient.OpenAsync(collector, "limit=5");
            (await reader.MessagesAsync(5)).ShouldBe(Numbers(5, 5));
            last = reader.LastId!;
            last.ShouldBe("1-10");
            await SendAsync(collector, "live", 10, 2_500);
            (await collector.TerminateAsync()).ShouldBe(0, "open streams don't keep it");
        }

        await using var again = await CollectorProcess.StartOnAsync(folder.Path);
        await using var resumed = await LiveClient.OpenAsync(again, "worker=live", last);
        (await resumed.MessagesAsync(2_500)).ShouldBe(Numbers(10, 2_500));
        (await resumed.NextAsync()).Event.ShouldBe("live");
        await SendAsync(again, "live", 2_510, 1);
        (await resumed.MessagesAsync(1)).ShouldBe(["2510"]);
    }

    [Fact]
    public async Task Coming_back_again_and_again_while_rows_arrive_misses_none_and_repeats_none()
    {
        await using var collector = await CollectorProcess.StartAsync("--Storage:SegmentRows=1000");
        await SendAsync(collector, "live", 0, 1);
        // Somebody watches all the time, so that the stream goes on between the visits.
        await using var watching = await LiveClient.OpenAsync(collector, "worker=nobody");
        var isOver = false;
        var sending = Task.Run(async () =>
        {
            var next = 1;
            var bound = new LoopBound();
            for (; !Volatile.Read(ref isOver) && bound.Holds(); next += 3)
            {
                await SendAsync(collector, "live", next, 3);
            }

            return next;
        });
        var seen = new List<string>();
        string? last = null;
        for (var visit = 0; visit < 40; visit++)
        {
            await using var reader = await LiveClient.OpenAsync(collector, "worker=live&limit=1", last);
            seen.AddRange(await reader.MessagesAsync(20, passingOver: "live"));
            last = reader.LastId;
        }

        Volatile.Write(ref isOver, true);
        (await sending).ShouldBeGreaterThan(seen.Count);
        seen.ShouldBe(Numbers(int.Parse(seen[0], System.Globalization.CultureInfo.InvariantCulture), seen.Count));
    }

    [Fact]
    public async Task A_burst_is_cut_and_what_was_skipped_is_counted()
    {
        await using var collector = await CollectorProcess.StartAsync();
        await using var reader = await LiveClient.OpenAsync(collector, "limit=0");
        (await reader.NextAsync()).Event.ShouldBe("live");
        await SendAsync(collector, "burst", 0, 6_000);
        var (given, skipped) = (0, 0);
        var bound = new LoopBound();
        while (given + skipped < 6_000 && bound.Holds())
        {
            var next = await reader.NextAsync();
            given += next.Event == "log" ? 1 : 0;
            skipped += next.Event == "skipped" ? next.Data.GetProperty("count").GetInt32() : 0;
        }

        (given + skipped).ShouldBe(6_000);
        given.ShouldBeInRange(1_000, 3_000);
    }

    [Fact]
    public async Task Whoever_comes_back_after_the_snapshot_gets_none_of_its_rows_again_whatever_their_times()
    {
        await using var collector = await CollectorProcess.StartAsync();
        await SendAsync(collector, "live", 5, 1);
        await SendAsync(collector, "live", 1, 1);
        await SendAsync(collector, "another", 0, 1);
        string? last;
        await using (var reader = await LiveClient.OpenAsync(collector, "worker=live"))
        {
            (await reader.MessagesAsync(2)).ShouldBe(["1", "5"], "by time, the other way round than they came");
            (await reader.NextAsync()).Event.ShouldBe("live");
            last = reader.LastId;
        }

        last.ShouldBe("1-3");
        await using var again = await LiveClient.OpenAsync(collector, "worker=live", last);
        (await again.NextAsync()).Event.ShouldBe("live");
    }

    [Fact]
    public async Task Who_is_cut_off_while_rows_are_looked_through_in_vain_goes_on_from_there()
    {
        await using var collector = await CollectorProcess.StartAsync();
        for (var i = 0; i < 3; i++)
        {
            await SendAsync(collector, "another", i * 900, 900);
        }

        using var http = new HttpClient();
        using var events = new StreamReader(await http.GetStreamAsync($"http://{collector.Web}/api/live?worker=nobody&last_event_id=1-0"));
        var ids = new List<string>();
        var bound = new LoopBound();
        for (var line = ""; line != "event: live" && bound.Holds(); line = await events.ReadLineAsync() ?? "event: live")
        {
            ids.AddRange(line.StartsWith("id: ", StringComparison.Ordinal) ? [line[4..]] : []);
        }

        ids.ShouldBe(["1-1000", "1-2000", "1-2700"]);
    }

    [Fact]
    public async Task A_snapshot_of_large_rows_is_bounded_in_bytes_and_so_is_every_page_behind_an_id()
    {
        await using var collector = await CollectorProcess.StartAsync();
        var body = OtlpMessage.Logs("large", [.. Enumerable.Range(0, 20).Select(static n => OtlpMessage.Record(Some.Noon + (ulong)n, $"{n:d2}".PadRight(600_000)))]);
        (await _wire.HttpAsync(collector.Http, "/v1/logs", body, "application/x-protobuf")).Status.ShouldBe(200);
        await using var reader = await LiveClient.OpenAsync(collector, "limit=1000");
        var snapshot = new List<string>();
        while (await reader.NextAsync() is { Event: "log" } row)
        {
            snapshot.Add(row.Data.GetProperty("message").GetString()!.Trim());
        }

        snapshot.ShouldBe(Enumerable.Range(16, 4).Select(static n => $"{n:d2}"));
        await using var resumed = await LiveClient.OpenAsync(collector, "limit=1000", "1-1");
        (await resumed.MessagesAsync(19)).Count.ShouldBe(19);
        (await resumed.NextAsync()).Event.ShouldBe("live");
    }

    [Theory]
    [InlineData("7-300")]
    [InlineData("1-11")]
    [InlineData("1-9223372036854775807")]
    public async Task Whoever_comes_with_an_id_of_another_store_is_given_what_a_newcomer_is(string last)
    {
        await using var collector = await CollectorProcess.StartAsync();
        await SendAsync(collector, "live", 0, 10);
        await using var reader = await LiveClient.OpenAsync(collector, "limit=3", last);
        (await reader.MessagesAsync(3)).ShouldBe(Numbers(7, 3));
        (await reader.NextAsync()).Event.ShouldBe("live");
        await SendAsync(collector, "live", 10, 5);
        (await reader.MessagesAsync(5)).ShouldBe(Numbers(10, 5));
    }

    [Fact]
    public async Task A_stream_is_never_compressed_and_ends_whole()
    {
        await using var collector = await CollectorProcess.StartAsync();
        await SendAsync(collector, "live", 0, 50);
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{collector.Web}/api/live?limit=20");
        request.Headers.Add("Accept-Encoding", "br, gzip");
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        answer.Content.Headers.ContentEncoding.ShouldBeEmpty();

        // A second reader knows when the first has been given a row.
        await using var watching = await LiveClient.OpenAsync(collector, "limit=0");
        await SendAsync(collector, "live", 50, 700);
        await watching.MessagesAsync(700, passingOver: "live");

        (await collector.TerminateAsync()).ShouldBe(0);
        (await answer.Content.ReadAsStringAsync()).Split("event: log\n").Length.ShouldBe(1 + 700 + 20);
    }

    [Fact]
    public async Task Filters_are_those_of_the_logs()
    {
        await using var collector = await CollectorProcess.StartAsync();
        await using var reader = await LiveClient.OpenAsync(collector, "q=needle&limit=0");
        (await reader.NextAsync()).Event.ShouldBe("live");
        var body = OtlpMessage.Logs("w", OtlpMessage.Record(Some.Noon, "hay"), OtlpMessage.Record(Some.Noon, "a NEEDLE"));
        (await _wire.HttpAsync(collector.Http, "/v1/logs", body, "application/x-protobuf")).Status.ShouldBe(200);
        (await reader.MessagesAsync(1)).ShouldBe(["a NEEDLE"]);

        var wrong = await _wire.HttpAsync(collector.Web, "/api/live?order=asc", [], null, method: "GET");
        wrong.Status.ShouldBe(400);
        (await _wire.HttpAsync(collector.Web, "/api/live?last_event_id=x", [], null, method: "GET")).Text.ShouldContain("such as 3-1204");
    }

    public void Dispose() => _wire.Dispose();

    // Real seconds are what the bound is made of.
    private static async Task PassAsync(TimeSpan time)
    {
        using var timer = new PeriodicTimer(time);
        await timer.WaitForNextTickAsync();
    }

    private static IEnumerable<string> Numbers(int first, int count) => Enumerable.Range(first, count).Select(static n => $"{n}");

    private async Task SendAsync(CollectorProcess collector, string worker, int first, int count)
    {
        var body = OtlpMessage.Logs(worker, [.. Enumerable.Range(first, count).Select(static n => OtlpMessage.Record(Some.Noon + (ulong)n, $"{n}"))]);
        (await _wire.HttpAsync(collector.Http, "/v1/logs", body, "application/x-protobuf")).Status.ShouldBe(200);
    }
}
