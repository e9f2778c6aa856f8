using Collector.Model;
using Collector.Pipeline.Ledger;
using Collector.Pipeline.Queue;
using Collector.Pipeline.Spool;
using Collector.Pipeline.Streams;
using Collector.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Collector.Tests.Pipeline.Queue;

/// <summary>Every way of a request from its receipt to its end, without queue, writer and spool.</summary>
public sealed class DeliveryTests
{
    private const int Rows = 5;

    private static readonly RequestKey _key = SomeBatches.Key(1);

    private readonly RowLedger _ledger = new();
    private readonly StreamTracker _streams;
    private readonly DeliveryBooks _books;
    private readonly CountingAllowance _memory = new();

    public DeliveryTests()
    {
        var clock = new FakeTimeProvider();
        _streams = new StreamTracker(_ledger, clock);
        _books = new DeliveryBooks(_ledger, new DedupWindow(TimeSpan.FromMinutes(10), clock), _streams, clock);
    }

    public static TheoryData<object, string?, object> Ends => new()
    {
        { IngestOutcome.Stored, null, Counts.Of(Rows, stored: Rows) },
        { IngestOutcome.Spooled, "spooled", Counts.Of(Rows, spooled: Rows) },
        { IngestOutcome.Rejected("never"), "store", Counts.Of(Rows, rejected: Rows) },
        { IngestOutcome.Refused("later"), "shutdown", Counts.Of(Rows, refused: Rows) },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task Its_end_moves_its_rows_tells_its_producer_and_frees_its_memory(object outcome, string? reason, object counts)
    {
        var delivery = Receive();
        var answer = delivery.AnswerAsync(CancellationToken.None).AsTask();
        _ledger.Total().ShouldBe(Counts.Of(Rows));
        (answer.IsCompleted, _memory.Held > 0).ShouldBe((false, true));

        delivery.Complete((IngestOutcome)outcome, reason);

        (await answer).ShouldBe((IngestOutcome)outcome);
        _ledger.Total().ShouldBe((LedgerCounts)counts);
        _ledger.Read().Single().Reasons.ShouldBe(reason is null ? [] : new Dictionary<string, long> { [reason] = Rows });
        (delivery.IsCompleted, delivery.Status).ShouldBe((true, ((IngestOutcome)outcome).Status));
        _memory.Held.ShouldBe(0);
    }

    [Fact]
    public async Task A_producer_that_need_not_wait_is_answered_at_once()
    {
        (await Receive(awaitStored: false).AnswerAsync(CancellationToken.None)).ShouldBe(IngestOutcome.Queued);

        _ledger.Total().ShouldBe(Counts.Of(Rows));
    }

    [Fact]
    public async Task Of_two_ends_the_first_counts()
    {
        var delivery = Receive();
        delivery.TryRetain().ShouldBeTrue();

        delivery.Complete(IngestOutcome.Spooled, "spooled");
        delivery.Evict("spool_full", "full");

        _ledger.Total().ShouldBe(Counts.Of(Rows, spooled: Rows));
        _ledger.Read().Single().Reasons.ShouldBe(new Dictionary<string, long> { ["spooled"] = Rows });
        (await delivery.AnswerAsync(CancellationToken.None)).ShouldBe(IngestOutcome.Spooled);
        _memory.Held.ShouldBe(0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Rows_that_are_spooled_and_stored_count_as_stored_whoever_says_so_first(bool spoolIsFirst)
    {
        var delivery = Receive();
        delivery.TryRetain().ShouldBeTrue();
        (IngestOutcome Outcome, string? Reason)[] ends = [(IngestOutcome.Spooled, "spooled"), (IngestOutcome.Stored, null)];
        foreach (var (outcome, reason) in spoolIsFirst ? ends : ends.Reverse())
        {
            delivery.Complete(outcome, reason);
        }

        _ledger.Total().ShouldBe(Counts.Of(Rows, stored: Rows));
        (await delivery.AnswerAsync(CancellationToken.None)).ShouldBe(spoolIsFirst ? IngestOutcome.Spooled : IngestOutcome.Stored);
    }

    [Fact]
    public void Memory_is_free_when_the_last_holder_has_released_it_and_then_nobody_can_retain_it()
    {
        var delivery = Receive();
        delivery.TryRetain().ShouldBeTrue();

        delivery.Complete(IngestOutcome.Spooled, "spooled");
        _memory.Held.ShouldBeGreaterThan(0);
        delivery.Release();

        _memory.Held.ShouldBe(0);
        delivery.TryRetain().ShouldBeFalse();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Repeats_share_the_outcome_of_the_first_and_free_their_memory_at_once(bool isKept)
    {
        var first = Receive(key: _key);
        var held = _memory.Held;
        var waits = Receive(key: _key);
        var acknowledged = Receive(awaitStored: false, key: _key);
        _memory.Held.ShouldBe(held);
        (first.IsRepeat, waits.IsRepeat, acknowledged.IsRepeat).ShouldBe((false, true, true));
        var answer = waits.AnswerAsync(CancellationToken.None).AsTask();
        answer.IsCompleted.ShouldBeFalse();
        (await acknowledged.AnswerAsync(CancellationToken.None)).ShouldBe(IngestOutcome.Queued);

        var outcome = isKept ? IngestOutcome.Stored : IngestOutcome.Refused("full");
        first.Complete(outcome, "shutdown");

        (await answer).ShouldBe(isKept ? IngestOutcome.Duplicate : outcome);
        _ledger.Total().ShouldBe(isKept
            ? Counts.Of(3 * Rows, stored: Rows, duplicate: 2 * Rows)
            : Counts.Of(3 * Rows, refused: 2 * Rows, dropped: Rows));
        Receive(key: _key).IsRepeat.ShouldBe(isKept, "what was not kept is tried again");
    }

    [Fact]
    public async Task A_repeat_of_what_was_kept_is_a_duplicate_at_once_even_where_its_producer_would_not_wait()
    {
        Receive(key: _key).Complete(IngestOutcome.Spooled, "spooled");

        var repeat = Receive(awaitStored: false, key: _key);

        (await repeat.AnswerAsync(CancellationToken.None)).ShouldBe(IngestOutcome.Duplicate);
        _ledger.Total().ShouldBe(Counts.Of(2 * Rows, spooled: Rows, duplicate: Rows));
        _memory.Held.ShouldBe(0);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task What_is_evicted_is_refused_where_its_producer_waits_and_lost_with_a_gap_where_nobody_does(bool awaitStored, bool leaves)
    {
        using var producer = new CancellationTokenSource();
        var delivery = Receive(awaitStored);
        var answer = delivery.AnswerAsync(producer.Token).AsTask();
        if (leaves)
        {
            await producer.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(answer);
        }

        delivery.Evict("queue_full", "full");

        var isTold = awaitStored && !leaves;
        _ledger.Total().ShouldBe(isTold ? Counts.Of(Rows, refused: Rows) : Counts.Of(Rows, dropped: Rows));
        _ledger.TakeChanges([]).Gaps.Sum(static gap => gap.Count).ShouldBe(isTold ? 0 : Rows);
        _memory.Held.ShouldBe(0);
        if (isTold)
        {
            (await answer).ShouldBe(IngestOutcome.Refused("full"));
        }
    }

    [Fact]
    public async Task What_is_evicted_while_a_repeat_waits_is_refused_though_its_own_producer_has_left()
    {
        using var producer = new CancellationTokenSource();
        var first = Receive(key: _key);
        var left = first.AnswerAsync(producer.Token).AsTask();
        var repeat = Receive(key: _key).AnswerAsync(CancellationToken.None).AsTask();
        await producer.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(left);

        first.Evict("queue_full", "full");

        (await repeat).ShouldBe(IngestOutcome.Refused("full"));
        _ledger.Total().ShouldBe(Counts.Of(2 * Rows, refused: 2 * Rows));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_part_of_a_stream_advances_it_when_it_ends(bool isKept)
    {
        var watch = _streams.Watch("s", static () => { });
        var delivery = Receive(awaitStored: false, part: Part(watch));
        delivery.IsAwaited.ShouldBeTrue("its call waits for the acknowledgement");

        delivery.Complete(isKept ? IngestOutcome.Stored : IngestOutcome.Refused("full"), "shutdown");

        var progress = _streams.News(watch).ShouldNotBeNull();
        (progress.Through, progress.Dropped.Count).ShouldBe(((ulong)Rows, isKept ? 0 : 1));
        _streams.IsSettled(watch).ShouldBeTrue();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_part_that_is_evicted_is_refused_where_its_stream_has_a_call_and_a_gap_where_it_has_none(bool hasCall)
    {
        var watch = _streams.Watch("s", static () => { });
        var delivery = Receive(awaitStored: true, part: Part(watch));
        if (!hasCall)
        {
            _streams.Leave(watch);
        }

        delivery.Evict("queue_full", "full");

        _ledger.Total().ShouldBe(hasCall ? Counts.Of(Rows, refused: Rows) : Counts.Of(Rows, dropped: Rows));
    }

    [Fact]
    public void A_replay_stays_spooled_until_it_is_stored()
    {
        Replay().Complete(IngestOutcome.Refused("the store is unavailable"));
        _ledger.Total().ShouldBe(Counts.Of(Rows, spooled: Rows));

        Replay(isFound: true).Complete(IngestOutcome.Stored);

        _ledger.Total().ShouldBe(Counts.Of(Rows, stored: Rows));
        _memory.Held.ShouldBe(0);
    }

    [Fact]
    public async Task A_replay_wakes_the_spool_when_it_ends_and_is_known_as_kept_all_the_time()
    {
        var ended = new Signal();
        var woken = Task.Run(ended.WaitOne);

        Replay(ended: ended, key: _key).Complete(IngestOutcome.Refused("the store is unavailable"));

        await woken.WaitAsync(TimeSpan.FromSeconds(30));
        Receive(key: _key).IsRepeat.ShouldBeTrue();
    }

    [Fact]
    public void A_replay_that_an_earlier_process_stored_is_counted_once()
    {
        var replay = Replay();
        replay.Complete(IngestOutcome.Duplicate);
        _ledger.Total().ShouldBe(Counts.Of(Rows, spooled: Rows));

        replay.Forget();

        _ledger.Total().ShouldBe(default);
    }

    [Fact]
    public void A_replay_that_the_store_rejects_is_dropped_with_a_gap_and_its_repeat_is_tried()
    {
        var watch = _streams.Watch("s", static () => { });
        var replay = Replay(key: _key, part: Part(watch));
        replay.TryRetain();
        replay.Complete(IngestOutcome.Rejected("never"), "store");
        _ledger.Total().ShouldBe(Counts.Of(Rows, spooled: Rows), "until it is set aside");

        replay.Drop("poisoned", "never");
        replay.Release();

        _ledger.Total().ShouldBe(Counts.Of(Rows, dropped: Rows));
        _ledger.TakeChanges([]).Gaps.Single().Reason.ShouldBe("poisoned");
        Receive(key: _key).IsRepeat.ShouldBeFalse();
        _streams.TryAdd(watch, new StreamPart("s"), 1, "some-worker"u8).ShouldBe(StreamAddition.Added);
    }

    [Fact]
    public async Task Whatever_writer_spool_queue_and_producer_do_at_once_the_ledger_balances_and_each_ends_once()
    {
        const int Requests = 2_000;
        using var done = new CancellationTokenSource();
        var looker = Task.Run(() =>
        {
            var bound = new LoopBound();
            while (!done.IsCancellationRequested && bound.Holds())
            {
                var total = _ledger.Total();
                (total.IsBalanced && total.InFlight >= 0 && total.Spooled >= 0).ShouldBeTrue(total.ToString());
            }
        });
        var outcomes = new List<IngestOutcome>();
        for (var i = 0; i < Requests; i++)
        {
            var delivery = Receive(key: SomeBatches.Key(i));
            var answer = delivery.AnswerAsync(CancellationToken.None).AsTask();
            var repeat = Receive(key: SomeBatches.Key(i)).AnswerAsync(CancellationToken.None).AsTask();
            // The spool copies what the writer is storing; a third evicts it.
            delivery.TryRetain().ShouldBeTrue();
            delivery.TryRetain().ShouldBeTrue();
            await Task.WhenAll(
                Task.Run(() => delivery.Complete(IngestOutcome.Stored)),
                Task.Run(() => delivery.Complete(IngestOutcome.Spooled, "spooled")),
                Task.Run(() => delivery.Evict("queue_full", "full")));
            outcomes.Add(await answer);
            (await repeat).Status.ShouldBe(outcomes[^1].IsKept ? IngestStatus.Duplicate : IngestStatus.Refused);
        }

        await done.CancelAsync();
        await looker;
        var shared = outcomes.Count(static outcome => outcome.IsKept) * Rows;
        _ledger.Total().ShouldBe(Counts.Of(2 * Requests * Rows, stored: Requests * Rows, duplicate: shared, refused: (Requests * Rows) - shared));
        _memory.Held.ShouldBe(0);
    }

    private Delivery Receive(bool awaitStored = true, RequestKey? key = null, StreamPart? part = null) =>
        Delivery.Receive(_books, Batch(key, part), awaitStored);

    private Delivery Replay(Signal? ended = null, RequestKey? key = null, StreamPart? part = null, bool isFound = false)
    {
        var batch = Batch(key, part);
        if (!isFound)
        {
            Delivery.Find(_books, SpoolBatch.RequestOf(batch));
        }

        return Delivery.Replay(_books, batch, ended ?? new Signal());
    }

    private RowBatch Batch(RequestKey? key, StreamPart? part)
    {
        var body = new ByteBuffer(_memory);
        body.Append("some-worker"u8);
        var batch = new RowBatch(body, _memory, Batches.Noon) { Key = key, Stream = part };
        for (var i = 0; i < Rows; i++)
        {
            batch.Add(new Row { Worker = Slice.OfBody(0, body.Length), TimestampNanos = Batches.Noon, Resource = -1 });
        }

        return batch;
    }

    private StreamPart Part(StreamWatch watch)
    {
        var part = new StreamPart("s");
        for (var sequence = 1UL; sequence <= Rows; sequence++)
        {
            _streams.TryAdd(watch, part, sequence, "some-worker"u8).ShouldBe(StreamAddition.Added);
        }

        return part;
    }

    /// <summary>Knows what is held.</summary>
    private sealed class CountingAllowance : IByteAllowance
    {
        private long _held;

        public long Held => Interlocked.Read(ref _held);

        public bool TryTake(long bytes)
        {
            Interlocked.Add(ref _held, bytes);
            return true;
        }

        public void GiveBack(long bytes) => Interlocked.Add(ref _held, -bytes);
    }
}
