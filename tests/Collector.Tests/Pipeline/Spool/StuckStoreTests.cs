using Collector.Pipeline.Ledger;
using Collector.Pipeline.Queue;
using Collector.Pipeline.Write;
using Collector.Storage;
using Collector.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Collector.Tests.Pipeline.Spool;

/// <summary>A store that neither takes a group nor fails: its producers are answered by the spool all the same.</summary>
public sealed class StuckStoreTests : IDisposable
{
    private static readonly AppendResult _locked = new(AppendStatus.Transient, "database is locked");

    private readonly TemporaryFolder _temporary = new();

    private string Folder => _temporary.File("spool");

    [Fact]
    public async Task Requests_of_a_stuck_write_are_acknowledged_from_the_spool_and_stored_once_when_it_commits_after_all()
    {
        using var store = new GatedStore();
        var clock = new FakeTimeProvider();
        await using var pipes = new Pipes(store, Folder, clock);
        var answer = pipes.SendAsync(1, rows: 5);
        await store.Entered();
        answer.IsCompleted.ShouldBeFalse();

        clock.Advance(TimeSpan.FromSeconds(2));
        (await answer).Status.ShouldBe(IngestStatus.Spooled);
        pipes.Total.ShouldBe(Counts.Of(5, spooled: 5));

        store.Let(100);
        await PulseUntilAsync(clock, () => pipes.Keeper.Bytes == 0);
        await pipes.DrainAsync();
        store.Taken.ShouldBe([5]);
        pipes.Total.ShouldBe(Counts.Of(5, stored: 5));
    }

    [Fact]
    public async Task Of_a_stuck_write_those_requests_are_copied_that_the_spool_has_room_for()
    {
        using var store = new GatedStore();
        var clock = new FakeTimeProvider();
        await using var pipes = new Pipes(store, Folder, clock, spoolBytes: 12 << 20);
        var first = pipes.SendAsync(1);
        await store.Entered();
        // Each is enough for a round of its own.
        var message = new string('m', 5 << 20);
        var others = Enumerable.Range(2, 3).Select(_ => pipes.SendAsync(Some.Batch(new SomeRow { Message = message }))).ToArray();
        store.Let();
        (await first).Status.ShouldBe(IngestStatus.Stored);

        await store.Entered();
        clock.Advance(TimeSpan.FromSeconds(2));
        (await Task.WhenAll(others[..2])).ShouldAllBe(outcome => outcome.Status == IngestStatus.Spooled);
        others[2].IsCompleted.ShouldBeFalse("it may be committed yet");

        store.Let(100);
        (await others[2]).Status.ShouldBe(IngestStatus.Stored);
        await PulseUntilAsync(clock, () => pipes.Keeper.Bytes == 0);
        await pipes.DrainAsync();
        pipes.Total.ShouldBe(Counts.Of(4, stored: 4));
    }

    [Fact]
    public async Task A_look_into_the_store_that_is_stuck_keeps_nobody_waiting()
    {
        var store = new RuledStore(_ => _locked);
        await using (var pipes = new Pipes(store, Folder))
        {
            (await pipes.SendAsync(1)).Status.ShouldBe(IngestStatus.Spooled);
            await pipes.HurryAsync();
            await pipes.Writer.Stopped;
        }

        using var looks = new SemaphoreSlim(0);
        using var isLet = new ManualResetEventSlim();
        var isBlind = true;
        store.Rule = _ => AppendResult.Committed;
        store.Look = found =>
        {
            var isBlindNow = isBlind;
            looks.Release();
            return isBlindNow || !isLet.Wait(TimeSpan.FromSeconds(30)) ? null : found;
        };
        var clock = new FakeTimeProvider();
        await using var again = new Pipes(store, Folder, clock, batch: new BatchOptions { MaxDelay = TimeSpan.FromHours(1) });
        await looks.WaitAsync();

        // The writer has one that is not due yet when the replay, a second later, makes it look.
        isBlind = false;
        await again.SendAsync(Batches.Of(2), awaitStored: false);
        await Eventually.IsSoAsync(() => again.Queue.Count == 0, () => "the writer does not collect");
        await PulseUntilAsync(clock, () => looks.CurrentCount > 0);
        var third = again.SendAsync(3);
        clock.Advance(TimeSpan.FromSeconds(2));

        (await third).Status.ShouldBe(IngestStatus.Spooled);
        await again.UntilAsync(total => total.Spooled == 4);
        isLet.Set();
        await PulseUntilAsync(clock, () => again.Keeper.Bytes == 0 && again.Total.Spooled == 0);
        await again.DrainAsync();
        again.Total.ShouldBe(Counts.Of(4, stored: 4));
    }

    [Fact]
    public async Task Requests_of_a_stuck_write_are_stored_once_when_it_fails_after_all()
    {
        using var isLet = new ManualResetEventSlim();
        using var entered = new ManualResetEventSlim();
        var isBroken = true;
        var store = new RuledStore(_ =>
        {
            entered.Set();
            isLet.Wait(TimeSpan.FromSeconds(30));
            return isBroken ? new AppendResult(AppendStatus.Fatal, "gone") : AppendResult.Committed;
        });
        var clock = new FakeTimeProvider();
        await using var pipes = new Pipes(store, Folder, clock);
        var answer = pipes.SendAsync(1, rows: 5);
        entered.Wait(TimeSpan.FromSeconds(30)).ShouldBeTrue();
        clock.Advance(TimeSpan.FromSeconds(2));
        (await answer).Status.ShouldBe(IngestStatus.Spooled);

        isLet.Set();
        await Eventually.IsSoAsync(() => pipes.Guard.IsFailing, () => "the store is not failing");
        isBroken = false;
        await PulseUntilAsync(clock, () => pipes.Keeper.Bytes == 0);

        await pipes.DrainAsync();
        store.Taken.ShouldBe([5]);
        pipes.Total.ShouldBe(Counts.Of(5, stored: 5));
        Directory.Exists(Path.Combine(Folder, "rejected")).ShouldBeFalse();
    }

    public void Dispose() => _temporary.Dispose();

    private static Task PulseUntilAsync(FakeTimeProvider clock, Func<bool> isSo) => Eventually.IsSoAsync(
        () =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(200));
            return isSo();
        },
        () => "the spool was not emptied");
}
