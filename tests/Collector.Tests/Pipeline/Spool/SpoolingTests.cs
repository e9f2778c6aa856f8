using Collector.Pipeline.Ledger;
using Collector.Pipeline.Queue;
using Collector.Storage;
using Collector.Tests.Support;

namespace Collector.Tests.Pipeline.Spool;

/// <summary>The whole pipeline against stores that fail: real threads, a real folder, real time of milliseconds.</summary>
public sealed class SpoolingTests : IDisposable
{
    private static readonly AppendResult _locked = new(AppendStatus.Transient, "database is locked");

    private readonly TemporaryFolder _temporary = new();

    private string Folder => _temporary.File("spool");

    [Fact]
    public async Task What_a_failing_store_does_not_take_is_acknowledged_from_the_spool_and_stored_in_order_when_it_is_back()
    {
        var store = new RuledStore(_ => _locked);
        await using var pipes = new Pipes(store, Folder);
        for (var i = 1; i <= 20; i++)
        {
            (await pipes.SendAsync(i, rows: i)).Status.ShouldBe(IngestStatus.Spooled);
        }

        pipes.Total.ShouldBe(Counts.Of(210, spooled: 210));
        pipes.Keeper.Bytes.ShouldBeGreaterThan(0);

        store.Rule = _ => AppendResult.Committed;
        await pipes.UntilAsync(total => total.Spooled == 0);

        store.Taken.ShouldBe(Enumerable.Range(1, 20));
        pipes.Total.ShouldBe(Counts.Of(210, stored: 210));
        await Eventually.IsSoAsync(() => pipes.Keeper.Bytes == 0, () => $"{pipes.Keeper.Bytes} bytes are left");
    }

    [Fact]
    public async Task The_oldest_go_to_the_spool_when_the_queue_is_three_quarters_full()
    {
        using var store = new GatedStore();
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        await using var pipes = new Pipes(store, Folder, clock, new QueueOptions { Capacity = 8 });
        var first = pipes.SendAsync(100, rows: 100);
        await store.Entered();
        var others = Enumerable.Range(1, 7).Select(i => pipes.SendAsync(i, rows: i)).ToArray();

        clock.Advance(TimeSpan.FromMilliseconds(200));
        (await Task.WhenAll(others[..3])).ShouldAllBe(outcome => outcome.Status == IngestStatus.Spooled);
        others[3..].ShouldAllBe(answer => !answer.IsCompleted);
        first.IsCompleted.ShouldBeFalse();

        store.Let(100);
        await PulseUntilAsync(clock, () => pipes.Total.Stored == 128 && pipes.Keeper.Bytes == 0);
        await pipes.DrainAsync();
        store.Taken.Order().ShouldBe([1, 2, 3, 4, 5, 6, 7, 100]);
    }

    [Fact]
    public async Task When_the_spool_is_full_the_oldest_are_refused_or_dropped_with_a_gap()
    {
        var store = new RuledStore(_ => _locked);
        await using var pipes = new Pipes(store, Folder, spoolBytes: 10_000);
        (await pipes.SendAsync(1, rows: 10)).Status.ShouldBe(IngestStatus.Spooled);
        (await pipes.SendAsync(2, rows: 100)).Status.ShouldBe(IngestStatus.Refused);
        (await pipes.SendAsync(Batches.Of(101), awaitStored: false)).Status.ShouldBe(IngestStatus.Queued);
        await pipes.UntilAsync(total => total.Dropped == 101);

        pipes.Total.ShouldBe(Counts.Of(211, refused: 100, dropped: 101, spooled: 10));
        pipes.Ledger.Read().Single().Reasons["spool_full"].ShouldBe(201);
        (await pipes.SendAsync(2, rows: 1)).Status.ShouldNotBe(IngestStatus.Duplicate, "a refused request is forgotten");

        store.Rule = _ => AppendResult.Committed;
        await pipes.UntilAsync(total => total.Spooled == 0 && total.InFlight == 0);
        await pipes.DrainAsync();
        var gap = store.Gaps.Single();
        (gap.WorkerName, gap.Count, gap.Reason).ShouldBe(("some-worker", 101, "spool_full"));
    }

    [Fact]
    public async Task A_poisoned_request_of_the_spool_is_set_aside_and_the_others_are_stored()
    {
        var store = new RuledStore(_ => _locked);
        await using var pipes = new Pipes(store, Folder);
        foreach (var rows in new[] { 7, 13, 8 })
        {
            (await pipes.SendAsync(rows, rows)).Status.ShouldBe(IngestStatus.Spooled);
        }

        store.Rule = batches => batches.Any(batch => batch.Count == 13)
            ? new AppendResult(AppendStatus.Permanent, "unlucky")
            : AppendResult.Committed;
        await pipes.UntilAsync(total => total.Spooled == 0);

        store.Taken.ShouldBe([7, 8]);
        pipes.Total.ShouldBe(Counts.Of(28, stored: 15, dropped: 13));
        Directory.GetFiles(Path.Combine(Folder, "rejected")).Length.ShouldBe(2, "the entry and its reason");
    }

    [Fact]
    public async Task What_waits_in_the_spool_is_known_as_a_repeat_and_stored_after_a_restart()
    {
        var store = new RuledStore(_ => _locked);
        await using (var pipes = new Pipes(store, Folder))
        {
            (await pipes.SendAsync(1, rows: 3)).Status.ShouldBe(IngestStatus.Spooled);
            (await pipes.SendAsync(1, rows: 3)).Status.ShouldBe(IngestStatus.Duplicate);
            await pipes.HurryAsync();
            await pipes.Writer.Stopped;
        }

        await using var again = new Pipes(store, Folder);
        again.Found.ShouldBe(1);
        again.Total.Spooled.ShouldBe(3);
        (await again.SendAsync(1, rows: 3)).Status.ShouldBe(IngestStatus.Duplicate);

        store.Rule = _ => AppendResult.Committed;
        await again.UntilAsync(total => total.Spooled == 0);
        store.Taken.ShouldBe([3]);
        again.Total.Stored.ShouldBe(3);
    }

    [Fact]
    public async Task What_was_committed_before_a_restart_is_counted_and_stored_once()
    {
        using var store = new GatedStore();
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        await using (var pipes = new Pipes(store, Folder, clock))
        {
            var answer = pipes.SendAsync(1, rows: 5);
            await store.Entered();
            clock.Advance(TimeSpan.FromSeconds(2));
            (await answer).Status.ShouldBe(IngestStatus.Spooled);
            await pipes.HurryAsync();

            // The write comes through when nobody is there any more to take the copy back.
            store.Let(100);
            await pipes.Writer.Stopped;
        }

        await using var again = new Pipes(store, Folder);
        await again.UntilAsync(total => total.Spooled == 0);
        await Eventually.IsSoAsync(() => again.Keeper.Bytes == 0, () => "the spool is not empty");
        again.Found.ShouldBe(1);
        store.Taken.ShouldBe([5]);
        again.Total.ShouldBe(Counts.Of(5, stored: 5));
    }

    [Fact]
    public async Task What_the_writer_has_taken_and_not_begun_to_write_is_spooled_when_time_is_up()
    {
        using var store = new GatedStore();
        await using var pipes = new Pipes(store, Folder);
        for (var i = 1; i <= 100; i++)
        {
            (await pipes.SendAsync(Batches.Of(i), awaitStored: false)).Status.ShouldBe(IngestStatus.Queued);
        }

        await pipes.HurryAsync();

        pipes.Total.ShouldBe(Counts.Of(5_050, spooled: 5_050));
        store.Let(1_000);
        await pipes.Writer.Stopped;
    }

    [Fact]
    public async Task What_the_spool_can_not_sync_is_refused_and_stored_once_when_it_comes_again()
    {
        FailingSpool? disk = null;
        var store = new RuledStore(_ => _locked);
        await using var pipes = new Pipes(store, Folder, disk: inner => disk = new FailingSpool(inner));
        (await pipes.SendAsync(1, rows: 3)).Status.ShouldBe(IngestStatus.Spooled);
        disk!.Error = "disk I/O error";
        (await pipes.SendAsync(2, rows: 5)).Status.ShouldBe(IngestStatus.Refused);
        (await pipes.SendAsync(2, rows: 5)).Status.ShouldBe(IngestStatus.Refused);
        pipes.Total.ShouldBe(Counts.Of(13, spooled: 3, refused: 10));

        disk.Error = null;
        (await pipes.SendAsync(2, rows: 5)).Status.ShouldBe(IngestStatus.Spooled);
        store.Rule = _ => AppendResult.Committed;
        await pipes.UntilAsync(total => total.Stored == 8);

        store.Taken.ShouldBe([3, 5]);
        pipes.Total.ShouldBe(Counts.Of(18, stored: 8, refused: 10) with { Recovered = 10 }, "both attempts at the second came to something");
    }

    [Fact]
    public async Task What_was_refused_and_dropped_is_known_after_a_kill_though_the_store_was_away_all_the_time()
    {
        var store = new RuledStore(_ => _locked);
        FailingSpool? disk = null;
        var pipes = new Pipes(store, Folder, spoolBytes: 10_000, disk: inner => disk = new FailingSpool(inner));
        (await pipes.SendAsync(1, rows: 10)).Status.ShouldBe(IngestStatus.Spooled);
        (await pipes.SendAsync(2, rows: 100)).Status.ShouldBe(IngestStatus.Refused);
        await pipes.SendAsync(Batches.Of(101), awaitStored: false);
        await pipes.UntilAsync(total => total.Dropped == 101);
        await Eventually.IsSoAsync(() => disk!.Gaps is [{ Count: 101 }], () => "the gap was not kept");

        using var copy = new TemporaryFolder();
        CopyOf(Folder, copy.Path);
        store.Rule = _ => AppendResult.Committed;
        await pipes.DisposeAsync();
        var after = new RuledStore(_ => AppendResult.Committed);
        await using var again = new Pipes(after, copy.Path);
        await again.UntilAsync(total => total.Spooled == 0);
        again.Total.ShouldBe(Counts.Of(211, stored: 10, refused: 100, dropped: 101));
        again.Ledger.Read().Single().Reasons["spool_full"].ShouldBe(201);
        await again.DrainAsync();
        after.Gaps.Select(static gap => (gap.WorkerName, gap.Count, gap.Reason)).ShouldBe([("some-worker", 101, "spool_full")]);
    }

    [Fact]
    public async Task The_files_of_an_earlier_version_are_taken_over_once()
    {
        Directory.CreateDirectory(Folder);
        var old = Path.Combine(Folder, "spool-000001.bin");
        File.Copy(Repository.PathOf("tests/fixtures/spool/spool-000001.bin"), old);
        var store = new RuledStore(_ => AppendResult.Committed);
        await using var pipes = new Pipes(store, Folder);
        pipes.Found.ShouldBe(3);
        await pipes.UntilAsync(total => total.Spooled == 0);
        store.Taken.ShouldBe([1, 2, 3]);
        pipes.Total.ShouldBe(Counts.Of(6, stored: 6));
        File.Exists(old).ShouldBeFalse();
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(8, 2)]
    [InlineData(9, 2)]
    [InlineData(30, 2)]
    [InlineData(1_000, 2)]
    [InlineData(2_100, 2)]
    public async Task A_damaged_place_of_an_earlier_versions_file_costs_its_request_and_is_a_gap(int place, int others)
    {
        Directory.CreateDirectory(Folder);
        var bytes = await File.ReadAllBytesAsync(Repository.PathOf("tests/fixtures/spool/spool-000001.bin"));
        bytes[place] ^= 0x40;
        await File.WriteAllBytesAsync(Path.Combine(Folder, "spool-000001.bin"), bytes);
        var store = new RuledStore(_ => AppendResult.Committed);
        await using var pipes = new Pipes(store, Folder);
        await pipes.UntilAsync(total => total.Spooled == 0);
        store.Taken.Count.ShouldBeGreaterThanOrEqualTo(others);
        pipes.Total.Dropped.ShouldBe(1);
        pipes.Total.IsBalanced.ShouldBeTrue();
        await pipes.DrainAsync();
        store.Gaps.ShouldHaveSingleItem().Reason.ShouldBe("spool_damaged");
    }

    [Fact]
    public async Task With_Wait_nothing_gives_way_while_the_store_is_away()
    {
        var store = new RuledStore(_ => _locked);
        await using var pipes = new Pipes(store, Folder, queue: new QueueOptions { Capacity = 2, WhenFull = WhenFull.Wait });
        var answers = Enumerable.Range(1, 50).Select(i => pipes.SendAsync(i)).ToArray();

        (await Task.WhenAll(answers)).ShouldAllBe(outcome => outcome.IsKept);
        store.Rule = _ => AppendResult.Committed;
        await pipes.UntilAsync(total => total.Stored == 50);
        pipes.Total.ShouldBe(Counts.Of(50, stored: 50));
    }

    public void Dispose() => _temporary.Dispose();

    // Everything but the lock, as a kill leaves it.
    private static void CopyOf(string folder, string target)
    {
        foreach (var file in Directory.GetFiles(folder, "spool.db*"))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }
    }

    private static Task PulseUntilAsync(Microsoft.Extensions.Time.Testing.FakeTimeProvider clock, Func<bool> isSo) => Eventually.IsSoAsync(
        () =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(200));
            return isSo();
        },
        () => "the spool was not emptied");
}
