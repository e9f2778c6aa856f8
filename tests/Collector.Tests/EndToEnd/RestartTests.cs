using System.Diagnostics;
using System.Text.Json;
using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

public sealed class RestartTests : IDisposable
{
    private const ulong Noon = 1_795_435_200_000_000_000;

    private readonly string _folder = CollectorProcess.NewFolder();
    private readonly Wire _wire = new();

    [Fact]
    public async Task What_was_acknowledged_is_there_after_a_kill()
    {
        var sent = 0;
        var acknowledged = new List<string>();
        for (var round = 0; round < 3; round++)
        {
            await using var collector = await CollectorProcess.StartOnAsync(_folder);
            // Sent one after another until the kill cuts one off; only answers count.
            var kill = Task.CompletedTask;
            for (var i = 0; i < 40; i++, sent++)
            {
                kill = i == 30 ? collector.KillAsync() : kill;
                if (await TrySendAsync(collector, sent))
                {
                    acknowledged.Add($"number {sent}");
                }
            }

            await kill;
        }

        await using var last = await CollectorProcess.StartOnAsync(_folder);
        acknowledged.Count.ShouldBeGreaterThanOrEqualTo(90);
        acknowledged.ShouldBeSubsetOf(await MessagesAsync(last, "restarts"));
    }

    [Fact]
    public async Task A_second_Collector_on_the_folder_refuses_to_start_and_names_the_first()
    {
        await using var first = await CollectorProcess.StartOnAsync(_folder);

        var (exitCode, log) = await CollectorProcess.RunToExitAsync(_folder);

        exitCode.ShouldBe(4);
        log.ShouldContain($"{first.Id}");
    }

    [Fact]
    public async Task A_second_Collector_on_the_spool_alone_refuses_to_start_and_touches_nothing_there()
    {
        await using var first = await CollectorProcess.StartOnAsync(_folder, "--Retry:BaseDelay=00:00:00.005");
        using var producer = new Producer();
        var spool = Path.Combine(_folder, "spool");
        using (await DatabaseLock.TakeAsync(_folder))
        {
            (await producer.IsAcknowledgedAsync(first, 1)).ShouldBeTrue();
            var before = await File.ReadAllBytesAsync(Path.Combine(spool, "spool.db-wal"));

            var (exitCode, log) = await CollectorProcess.RunToExitAsync(
                _folder, $"--Storage:Path={Path.Combine(_folder, "other")}", $"--Spool:Path={spool}");

            exitCode.ShouldBe(4, log);
            log.ShouldContain($"in use by process {first.Id}");
            log.ShouldContain("Spool:Path");
            (await File.ReadAllBytesAsync(Path.Combine(spool, "spool.db-wal"))).ShouldBe(before);
        }

        (await first.SettledAsync()).ShouldBe(Counts.Of(1, stored: 1));
    }

    [Fact]
    public async Task A_folder_that_may_not_be_written_is_named_and_ends_it_with_code_1()
    {
        // Read-only for root too.
        var (exitCode, log) = await CollectorProcess.RunToExitAsync(_folder, "--Storage:Path=/proc/collector");

        exitCode.ShouldBe(1);
        log.ShouldContain("/proc/collector");
        log.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named_and_ends_it_with_code_1()
    {
        await using var first = await CollectorProcess.StartAsync();

        var (exitCode, log) = await CollectorProcess.RunToExitAsync(_folder, $"--Listen:Grpc={first.Grpc}");

        exitCode.ShouldBe(1);
        log.ShouldContain(first.Grpc.ToString());
        log.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task Wrong_settings_end_it_with_code_2_and_all_mistakes()
    {
        var (exitCode, log) = await CollectorProcess.RunToExitAsync(_folder, "--Queue:Capacity=none", "--Batch:MaxRows=0", "--Sorage:Path=x");

        exitCode.ShouldBe(2);
        log.ShouldContain("Queue:Capacity");
        log.ShouldContain("Batch:MaxRows");
        log.ShouldContain("Sorage");
    }

    [Fact]
    public async Task Stopping_stores_what_was_only_queued_and_ends_with_code_0()
    {
        await using (var collector = await CollectorProcess.StartOnAsync(_folder, "--Ingest:Acknowledge=Queued"))
        {
            for (var i = 0; i < 5; i++)
            {
                (await TrySendAsync(collector, i)).ShouldBeTrue();
            }

            (await collector.TerminateAsync()).ShouldBe(0);
            collector.Log.TrimEnd().Split('\n')[^1].ShouldContain("5 rows received, 5 stored");
        }

        await using var again = await CollectorProcess.StartOnAsync(_folder);
        (await MessagesAsync(again, "restarts")).Count.ShouldBe(5);
    }

    [Fact]
    public async Task The_sqlite3_tool_reads_the_live_store_and_nothing_is_lost()
    {
        if (!File.Exists("/usr/bin/sqlite3"))
        {
            return; // The contract test reads the live file through a second connection, tool or no tool.
        }

        await using (var collector = await CollectorProcess.StartOnAsync(_folder))
        {
            for (var i = 0; i < 30; i++)
            {
                (await TrySendAsync(collector, i)).ShouldBeTrue();
                (await Sqlite3Async("SELECT count(*) FROM tail_logs")).ShouldBe($"{i + 1}");
            }
        }

        await using var again = await CollectorProcess.StartOnAsync(_folder);
        (await MessagesAsync(again, "restarts")).Count.ShouldBe(30);
    }

    public void Dispose()
    {
        _wire.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<HashSet<string>> MessagesAsync(CollectorProcess collector, string worker)
    {
        var found = new HashSet<string>();
        string? cursor = null;
        var bound = new LoopBound();
        do
        {
            var page = await collector.GetJsonAsync($"/api/logs?worker={worker}&limit=1000" + (cursor is null ? "" : $"&cursor={cursor}"));
            foreach (var row in page.GetProperty("logs").EnumerateArray())
            {
                found.Add(row.GetProperty("message").GetString()!).ShouldBeTrue("a row came twice");
            }

            cursor = page.GetProperty("next_cursor") is { ValueKind: JsonValueKind.String } next ? next.GetString() : null;
        }
        while (cursor is not null && bound.Holds());
        return found;
    }

    private async Task<bool> TrySendAsync(CollectorProcess collector, int number)
    {
        try
        {
            var body = OtlpMessage.Logs("restarts", OtlpMessage.Record(Noon + (ulong)number, $"number {number}"));
            return (await _wire.GrpcAsync(collector.Grpc, Wire.LogsMethod, Wire.Frame(body))).Status == 0;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task<string> Sqlite3Async(string sql)
    {
        var file = Directory.GetFiles(_folder, "segment-*.db").Single();
        using var tool = Process.Start(
            new ProcessStartInfo("/usr/bin/sqlite3", ["-readonly", file, sql]) { RedirectStandardOutput = true })!;
        var output = await tool.StandardOutput.ReadToEndAsync();
        await tool.WaitForExitAsync();
        return output.Trim();
    }
}
