using Collector.Pipeline.Ledger;
using Collector.Storage;
using Collector.Storage.Sqlite;
using Collector.Storage.Sqlite.Segments;
using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

/// <summary>Rows that were lost are missed where their neighbours are shown.</summary>
public sealed class GapTests : IDisposable
{
    private const ulong Second = 1_000_000_000;

    private readonly string _folder = CollectorProcess.NewFolder();

    [Fact]
    public async Task Answers_name_what_is_missing_in_their_time_and_of_their_workers()
    {
        StoreRowsAndLosses();
        await using var collector = await CollectorProcess.StartOnAsync(_folder);

        (await GapsAsync(collector, "/api/logs")).ShouldBe(["worker-b queue_full 1", "worker-a queue_full 2"], ignoreOrder: true);
        (await GapsAsync(collector, "/api/logs?worker=worker-a")).ShouldBe(["worker-a queue_full 2"]);
        (await GapsAsync(collector, "/api/logs?worker=worker-a&from=2026-11-23T12:00:04Z")).ShouldBeEmpty();
        (await GapsAsync(collector, "/api/logs?to=2026-11-23T12:00:02Z")).ShouldBeEmpty();
        (await GapsAsync(collector, "/api/correlations/around")).ShouldBe(["worker-a queue_full 2"]);
        (await GapsAsync(collector, "/api/correlations/before")).ShouldBeEmpty();
        var gap = (await collector.GetJsonAsync("/api/logs?worker=worker-a")).GetProperty("gaps")[0];
        gap.GetProperty("from").GetString().ShouldBe("2026-11-23T12:00:02.000000000Z");
        gap.GetProperty("to").GetString().ShouldBe("2026-11-23T12:00:03.000000000Z");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // Kept as a process keeps them: rows, markers and accounts in one transaction.
    private void StoreRowsAndLosses()
    {
        var ledger = new RowLedger();
        using var lost = Some.Batch(
            new SomeRow { Nanos = Some.Noon + (2 * Second) }, new SomeRow { Nanos = Some.Noon + (3 * Second) },
            new SomeRow { Worker = "worker-b", Nanos = Some.Noon + (2 * Second) });
        ledger.Drop(ledger.Receive(lost), lost, "queue_full");
        using var kept = Some.Batch(
            new SomeRow { Correlation = "before" },
            new SomeRow { Correlation = "around" }, new SomeRow { Correlation = "around", Nanos = Some.Noon + (10 * Second) });
        var ticket = ledger.Receive(kept);
        var changes = ledger.TakeChanges([ticket]);
        var group = new AppendGroup { Accounts = changes.Accounts, Gaps = changes.Gaps };
        group.Batches.Add(kept);
        var opening = SqliteStore.Open(new SqliteStoreOptions { Path = _folder }, otherBytes: null, new RecordingLogger(), new NoonClock());
        using var store = opening.Store!;
        store.Appender.Append(group).ShouldBe(AppendResult.Committed);
    }

    private static async Task<List<string>> GapsAsync(CollectorProcess collector, string path) =>
    [
        .. (await collector.GetJsonAsync(path)).GetProperty("gaps").EnumerateArray()
            .Select(gap => $"{gap.GetProperty("worker_name")} {gap.GetProperty("reason")} {gap.GetProperty("count").GetInt64()}"),
    ];
}
