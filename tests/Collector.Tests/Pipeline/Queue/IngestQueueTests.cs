using Collector.Pipeline.Ledger;
using Collector.Pipeline.Queue;
using Collector.Pipeline.Streams;
using Collector.Tests.Support;

namespace Collector.Tests.Pipeline.Queue;

public sealed class IngestQueueTests
{
    private readonly RowLedger _ledger = new();
    private readonly RecordingLogger _log = new();
    private readonly Signal _nearlyFull = new();

    [Fact]
    public async Task A_full_queue_refuses_its_oldest_request_whole_and_tells_the_ledger()
    {
        var queue = Queue(WhenFull.DropOldest);
        var oldest = queue.EnqueueAsync(Batches.Of(5, "old"), awaitStored: true, default).AsTask();
        var newer = queue.EnqueueAsync(Batches.Of(6, "new"), awaitStored: true, default).AsTask();
        oldest.IsCompleted.ShouldBeFalse();

        var newest = queue.EnqueueAsync(Batches.Of(7, "new"), awaitStored: true, default).AsTask();

        (await oldest).Status.ShouldBe(IngestStatus.Refused);
        newer.IsCompleted.ShouldBeFalse();
        newest.IsCompleted.ShouldBeFalse();
        var account = _ledger.Read().Single(a => a.WorkerName == "old");
        account.Counts.ShouldBe(Counts.Of(5, refused: 5));
        account.Reasons["queue_full"].ShouldBe(5);
    }

    [Fact]
    public async Task What_had_been_acknowledged_counts_as_dropped_when_it_gives_way()
    {
        var queue = Queue(WhenFull.DropOldest);
        for (var i = 0; i < 3; i++)
        {
            await queue.EnqueueAsync(Batches.Of(4), awaitStored: false, default);
        }

        _ledger.Read().Single().Counts.ShouldBe(Counts.Of(12, dropped: 4));
    }

    [Fact]
    public async Task That_requests_give_way_is_an_error_in_the_log_when_it_begins_and_when_it_is_over_with_their_number()
    {
        var queue = Queue(WhenFull.DropOldest);
        await EnqueueAsync(queue, 2);
        _log.Errors.ShouldBeEmpty();

        await EnqueueAsync(queue, 5);
        _log.Errors.Single().ShouldContain("queue_full");

        while (queue.TryRead(out _))
        {
        }

        await EnqueueAsync(queue, 1);
        _log.Errors.Count.ShouldBe(2);
        _log.Errors.Last().ShouldContain("5 requests were evicted");
        await EnqueueAsync(queue, 2);
        _log.Errors.Count.ShouldBe(3, "it began anew");
    }

    [Fact]
    public async Task With_Wait_the_newest_waits_for_room_and_nothing_gives_way()
    {
        var queue = Queue(WhenFull.Wait);
        await queue.EnqueueAsync(Batches.Of(1), awaitStored: false, default);
        await queue.EnqueueAsync(Batches.Of(2), awaitStored: false, default);
        var third = queue.EnqueueAsync(Batches.Of(3), awaitStored: false, default).AsTask();
        third.IsCompleted.ShouldBeFalse();

        queue.TryRead(out var first).ShouldBeTrue();

        (await third).Status.ShouldBe(IngestStatus.Queued);
        first!.Batch.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Ids_of_requests_follow_each_other_without_a_gap_in_order()
    {
        var queue = Queue(WhenFull.DropOldest);
        await queue.EnqueueAsync(Batches.Of(10), awaitStored: false, default);
        await queue.EnqueueAsync(Batches.Of(10), awaitStored: false, default);

        queue.TryRead(out var first);
        queue.TryRead(out var second);

        (second!.Batch.FirstLogId >= first!.Batch.FirstLogId.Plus(10)).ShouldBeTrue();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_request_whose_producer_has_left_is_lost_only_if_nobody_waits_for_its_repeat_either(bool repeatWaits)
    {
        var queue = Queue(WhenFull.DropOldest, TimeSpan.FromMinutes(10));
        using var caller = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        var first = queue.EnqueueAsync(Batches.Of(5, key: SomeBatches.Key(1)), awaitStored: true, caller.Token).AsTask();
        var repeat = queue.EnqueueAsync(Batches.Of(5, key: SomeBatches.Key(1)), awaitStored: true, second.Token).AsTask();
        await caller.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(first);
        if (!repeatWaits)
        {
            await second.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(repeat);
        }

        await EnqueueAsync(queue, 2);

        _ledger.Total().ShouldBe(repeatWaits ? Counts.Of(12, refused: 10) : Counts.Of(12, refused: 5, dropped: 5));
        if (repeatWaits)
        {
            (await repeat).Status.ShouldBe(IngestStatus.Refused);
        }
    }

    [Fact]
    public async Task A_repeat_that_was_acknowledged_at_once_is_dropped_with_the_first()
    {
        var queue = Queue(WhenFull.DropOldest, TimeSpan.FromMinutes(10));
        for (var i = 0; i < 2; i++)
        {
            var answer = await queue.EnqueueAsync(Batches.Of(5, key: SomeBatches.Key(1)), awaitStored: false, default);
            answer.Status.ShouldBe(IngestStatus.Queued);
        }

        await EnqueueAsync(queue, 2);

        _ledger.Total().ShouldBe(Counts.Of(12, dropped: 10));
        _ledger.Read().Single().Reasons["repeat_of_failed"].ShouldBe(5);
    }

    [Fact]
    public async Task Over_three_quarters_full_it_wakes_the_spool()
    {
        var woken = Task.Run(_nearlyFull.WaitOne);
        var queue = Queue(WhenFull.DropOldest);

        await EnqueueAsync(queue, 2);

        await woken.WaitAsync(TimeSpan.FromSeconds(30));
    }

    private IngestQueue Queue(WhenFull whenFull, TimeSpan retryWindow = default)
    {
        var clock = new NoonClock();
        var books = new DeliveryBooks(_ledger, new DedupWindow(retryWindow, clock), new StreamTracker(_ledger, clock), clock);
        return new(new QueueOptions { Capacity = 2, WhenFull = whenFull }, books, _nearlyFull, new TypedLogger<IngestQueue>(_log));
    }

    private static async Task EnqueueAsync(IngestQueue queue, int requests)
    {
        for (; requests > 0; requests--)
        {
            await queue.EnqueueAsync(Batches.Of(1), awaitStored: false, default);
        }
    }
}
