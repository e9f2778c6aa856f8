using Collector.Diagnostics;
using Collector.Pipeline.Ledger;
using Collector.Pipeline.Queue;
using Collector.Pipeline.Streams;
using Collector.Pipeline.Write;
using Collector.Storage;
using Collector.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Collector.Tests.Pipeline.Write;

public sealed class BatchWriterTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly RowLedger _ledger = new();
    private readonly SpoolInbox _spool = new();
    private readonly CollectorMetrics _metrics = new(new NoonClock());

    private LedgerCounts Total => _ledger.Total();

    [Fact]
    public async Task An_unawaited_row_is_written_when_it_has_waited_five_seconds()
    {
        using var store = new GatedStore();
        var (queue, writer) = Start(store);
        (await queue.EnqueueAsync(Batches.Of(1), awaitStored: false, default)).Status.ShouldBe(IngestStatus.Queued);

        await ShouldBeWrittenAfterAsync(TimeSpan.FromSeconds(5), store, queue);
        await Finish(store, queue, writer);
        Total.ShouldBe(Counts.Of(1, stored: 1));
    }

    [Fact]
    public async Task An_awaited_row_is_written_after_the_linger_and_answered_after_the_commit()
    {
        using var store = new GatedStore();
        var (queue, writer) = Start(store);
        var answer = queue.EnqueueAsync(Batches.Of(1), awaitStored: true, default).AsTask();
        await ShouldBeWrittenAfterAsync(TimeSpan.FromMilliseconds(5), store, queue);

        answer.IsCompleted.ShouldBeFalse();
        Total.InFlight.ShouldBe(1);
        store.Let();

        (await answer).Status.ShouldBe(IngestStatus.Stored);
        await Finish(store, queue, writer);
    }

    [Fact]
    public async Task Requests_that_came_during_a_commit_share_the_next_one()
    {
        using var store = new GatedStore();
        var (queue, writer) = Start(store);
        var first = queue.EnqueueAsync(Batches.Of(100), awaitStored: true, default).AsTask();
        await store.Entered();
        var others = Enumerable.Range(1, 8).Select(i => queue.EnqueueAsync(Batches.Of(100 + i), awaitStored: true, default).AsTask()).ToArray();

        store.Let(2);
        await Task.WhenAll([first, .. others]);

        store.Groups.ToArray().ShouldBe([[100], [101, 102, 103, 104, 105, 106, 107, 108]]);
        await Finish(store, queue, writer);
    }

    [Fact]
    public async Task A_poisoned_request_fails_alone()
    {
        var store = new RuledStore(batches => batches.Any(batch => batch.Count == 13)
            ? new AppendResult(AppendStatus.Permanent, "unlucky")
            : AppendResult.Committed);
        var (queue, writer) = Create(store);
        var answers = new[] { 7, 13, 8 }.Select(rows => queue.EnqueueAsync(Batches.Of(rows), awaitStored: true, default).AsTask()).ToArray();

        writer.Start();
        queue.Complete();
        await writer.Stopped;

        (await Task.WhenAll(answers)).Select(a => a.Status).ShouldBe([IngestStatus.Stored, IngestStatus.Rejected, IngestStatus.Stored]);
        store.Taken.ToArray().ShouldBe([7, 8]);
        Total.ShouldBe(Counts.Of(28, stored: 15, rejected: 13));
    }

    [Fact]
    public async Task What_the_store_cannot_take_now_goes_to_the_spool_after_three_retries()
    {
        var attempts = 0;
        var store = new RuledStore(_ =>
        {
            attempts++;
            return new AppendResult(AppendStatus.Transient, "locked");
        });
        var (queue, writer) = Create(store, TimeSpan.FromMilliseconds(1), new NoonClock());
        var waits = queue.EnqueueAsync(Batches.Of(2), awaitStored: true, default).AsTask();

        writer.Start();
        queue.Complete();
        await writer.Stopped;

        attempts.ShouldBe(8, "four times for the rows, four times for the accounts at the end");
        waits.IsCompleted.ShouldBeFalse("whether it is kept is now the spool's to say");
        _spool.TryTake(out var left).ShouldBeTrue();
        left!.Batch.Count.ShouldBe(2);
        _spool.IsEmpty.ShouldBeTrue();
        Total.ShouldBe(Counts.Of(2));
    }

    [Fact]
    public async Task A_request_that_breaks_the_stores_code_is_left_to_the_spool_alone_and_the_writer_lives()
    {
        var store = new RuledStore(batches => batches.Any(batch => batch.Count == 13)
            ? throw new InvalidOperationException("a bug")
            : AppendResult.Committed);
        var (queue, writer) = Create(store, TimeSpan.FromMilliseconds(1), new NoonClock());
        var answers = new[] { 7, 13, 8 }.Select(rows => queue.EnqueueAsync(Batches.Of(rows), awaitStored: true, default).AsTask()).ToArray();

        writer.Start();
        queue.Complete();
        await writer.Stopped;

        (await Task.WhenAll(answers[0], answers[2])).ShouldAllBe(static answer => answer.Status == IngestStatus.Stored);
        answers[1].IsCompleted.ShouldBeFalse("whether it is kept is now the spool's to say");
        _spool.TryTake(out var left).ShouldBeTrue();
        left!.Batch.Count.ShouldBe(13);
        Total.ShouldBe(Counts.Of(28, stored: 15));
        (await queue.EnqueueAsync(Batches.Of(1), awaitStored: false, default)).Status.ShouldBe(IngestStatus.Refused, "it is closed");
    }

    [Fact]
    public async Task A_group_as_large_as_groups_get_is_written_at_once_whatever_a_batch_may_hold()
    {
        using var store = new GatedStore();
        var (queue, writer) = Create(store, batch: new BatchOptions { MaxRows = 100_000 });
        writer.Start();
        for (var i = 0; i < 5; i++)
        {
            await queue.EnqueueAsync(Batches.Of(1_000), awaitStored: false, default);
        }

        await store.Entered();
        await Finish(store, queue, writer);
    }

    [Fact]
    public async Task Stopping_writes_at_once_what_still_waits()
    {
        var store = new RuledStore(_ => AppendResult.Committed);
        var (queue, writer) = Start(store);
        await queue.EnqueueAsync(Batches.Of(1), awaitStored: false, default);

        queue.Complete();
        await writer.Stopped;

        store.Taken.ToArray().ShouldBe([1]);
    }

    [Fact]
    public async Task A_caller_that_leaves_stops_waiting_and_its_rows_are_stored()
    {
        using var store = new GatedStore();
        var (queue, writer) = Start(store);
        using var caller = new CancellationTokenSource();
        var answer = queue.EnqueueAsync(Batches.Of(100), awaitStored: true, caller.Token).AsTask();
        await store.Entered();

        await caller.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(answer);

        await Finish(store, queue, writer);
        Total.ShouldBe(Counts.Of(100, stored: 100));
    }

    public void Dispose() => _metrics.Dispose();

    // A little before the time nothing is written, at the time it is.
    private async Task ShouldBeWrittenAfterAsync(TimeSpan time, GatedStore store, IngestQueue queue)
    {
        var little = TimeSpan.FromMilliseconds(0.1);
        var entered = store.Entered();
        await HasDecidedAsync(store, queue, entered);
        _clock.Advance(time - little);
        await HasDecidedAsync(store, queue, entered);
        entered.IsCompleted.ShouldBeFalse($"{time - little} have passed");

        _clock.Advance(little);
        (await Eventually.EndsAsync(entered, TimeSpan.FromSeconds(30))).ShouldBeTrue($"{time} have passed");
    }

    // A request from the spool is refused at once by a store that can't be read; then the writer decides about those that
    // wait. When the next one is refused too, it has decided that none is due.
    private async Task HasDecidedAsync(GatedStore store, IngestQueue queue, Task entered)
    {
        store.IsUnreadable = true;
        for (var i = 0; i < 3; i++)
        {
            var probe = Delivery.Replay(Books(_clock), Batches.Of(1), new Signal());
            queue.Replay(probe);
            await Task.WhenAny(probe.AnswerAsync(default).AsTask(), entered);
        }
    }

    private static async Task Finish(GatedStore store, IngestQueue queue, BatchWriter writer)
    {
        store.Let(100);
        queue.Complete();
        await writer.Stopped;
    }

    private DeliveryBooks Books(TimeProvider clock) =>
        new(_ledger, new DedupWindow(TimeSpan.Zero, clock), new StreamTracker(_ledger, clock), clock);

    private (IngestQueue Queue, BatchWriter Writer) Start(ILogAppender store)
    {
        var made = Create(store);
        made.Writer.Start();
        return made;
    }

    private (IngestQueue Queue, BatchWriter Writer) Create(ILogAppender store, TimeSpan? retryDelay = null, TimeProvider? clock = null, BatchOptions? batch = null)
    {
        clock ??= _clock;
        var books = Books(clock);
        var queue = new IngestQueue(new QueueOptions(), books, _spool.Signal);
        var retries = new RetryOptions { BaseDelay = retryDelay ?? TimeSpan.FromMilliseconds(100) };
        var guard = new ResilientAppender(store, retries, _metrics, clock, NullLogger<ResilientAppender>.Instance);
        var policy = new BatchPolicy(batch ?? new BatchOptions());
        return (queue, new BatchWriter(queue, guard, _spool, books, policy, clock, NullLogger<BatchWriter>.Instance));
    }
}
