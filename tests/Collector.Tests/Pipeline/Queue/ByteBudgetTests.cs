using Collector.Model;
using Collector.Pipeline.Queue;
using Collector.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Collector.Tests.Pipeline.Queue;

public sealed class ByteBudgetTests
{
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(5);

    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task Those_who_wait_are_served_in_order_as_room_comes_free()
    {
        var budget = Budget(400);
        var others = budget.Fill(400);
        var first = WaitAsync(budget, 40);
        var second = WaitAsync(budget, 40);

        others[..1].Free();
        (await first).ShouldBeTrue();
        second.IsCompleted.ShouldBeFalse("there are 10 besides the last eighth");

        others[1..2].Free();
        (await second).ShouldBeTrue();
        budget.Used.ShouldBe(280);
    }

    [Fact]
    public async Task A_step_that_does_not_fit_lets_smaller_ones_pass_for_half_of_its_patience_and_no_longer()
    {
        var budget = Budget(400);
        var others = budget.Fill(300);
        var large = WaitAsync(budget, 80);
        (await WaitAsync(budget, 40)).ShouldBeTrue("it fits, and the large one does not");

        _clock.Advance(_timeout / 2);
        var late = WaitAsync(budget, 10);
        late.IsCompleted.ShouldBeFalse("it may not overtake any more, or large steps would starve");

        others[..1].Free();
        (await large).ShouldBeTrue();
        (await late).ShouldBeTrue();
    }

    [Fact]
    public async Task Who_waits_too_long_is_refused_and_holds_up_nobody_behind()
    {
        var budget = Budget(400);
        budget.Fill(300);
        var large = WaitAsync(budget, 60);
        var small = WaitAsync(budget, 40);

        _clock.Advance(_timeout);

        (await large).ShouldBeFalse();
        (await small).ShouldBeTrue();
    }

    [Fact]
    public async Task Who_leaves_while_waiting_takes_nothing()
    {
        var budget = Budget(400);
        var others = budget.Fill(400);
        using var caller = new CancellationTokenSource();
        var waiting = new ByteLease(budget).ReserveAsync(60, caller.Token).AsTask();

        await caller.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(waiting);
        others.Free();

        budget.Used.ShouldBe(0);
    }

    [Fact]
    public async Task What_one_takes_beyond_its_quarter_waits_for_another_that_does_and_the_last_eighth_is_never_theirs()
    {
        var budget = Budget(800);
        var (first, second) = (new ByteLease(budget), new ByteLease(budget));
        (await first.ReserveAsync(300, default)).ShouldBeTrue();
        (await second.ReserveAsync(150, default)).ShouldBeTrue();

        var more = second.ReserveAsync(250, default).AsTask();
        more.IsCompleted.ShouldBeFalse("there is room, but one is beyond its quarter already");
        (await first.ReserveAsync(550, default)).ShouldBeTrue();
        first.TryTake(551).ShouldBeFalse("that is the last eighth");
        (await WaitAsync(budget, 12)).ShouldBeTrue("which is there for the small ones");

        first.Settle();
        (await more).ShouldBeTrue();
    }

    [Fact]
    public async Task Large_ones_that_together_exceed_the_budget_do_not_block_each_other_for_ever()
    {
        var budget = Budget(800);
        ByteLease[] leases = [.. Enumerable.Range(0, 3).Select(_ => new ByteLease(budget))];
        foreach (var lease in leases)
        {
            (await lease.ReserveAsync(200, default)).ShouldBeTrue();
        }

        var first = leases[0].ReserveAsync(650, default).AsTask();
        var others = leases[1..].Select(static lease => lease.ReserveAsync(400, default).AsTask()).ToArray();
        await Eventually.IsSoAsync(() => GoOn(leases[1..], others, first), () => $"{budget.Used}");

        (await first).ShouldBeTrue();
    }

    [Fact]
    public async Task A_body_that_stalls_with_much_in_its_hands_gives_way_to_who_waits_and_not_before()
    {
        var budget = Budget(400);
        var stalled = new ByteLease(budget);
        (await stalled.ReserveAsync(100, default)).ShouldBeTrue();
        var gaveWay = stalled.BeginArrival();
        _clock.Advance(TimeSpan.FromHours(1));
        gaveWay.IsCancellationRequested.ShouldBeFalse("nobody waits");

        budget.Fill(300);
        var waiting = WaitAsync(budget, 50);
        _clock.Advance(TimeSpan.FromSeconds(1));

        await Eventually.IsSoAsync(() => gaveWay.IsCancellationRequested, static () => "it did not give way");
        stalled.HasGivenWay.ShouldBeTrue();
        stalled.Settle();
        (await waiting).ShouldBeTrue();
    }

    [Fact]
    public async Task Being_full_is_timed_until_somebody_gets_what_he_asked_for()
    {
        var budget = Budget(400);
        var others = budget.Fill(400);
        budget.FullFor.ShouldBe(TimeSpan.Zero, "nobody has asked");

        var waiting = WaitAsync(budget, 10);
        _clock.Advance(_timeout);
        (await waiting).ShouldBeFalse();
        budget.FullFor.ShouldBe(_timeout);

        new ByteLease(budget).TryTake(10).ShouldBeFalse();
        _clock.Advance(TimeSpan.FromSeconds(1));
        budget.FullFor.ShouldBe(_timeout + TimeSpan.FromSeconds(1));

        others[..1].Free();
        budget.FullFor.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public async Task However_many_threads_grow_and_leave_at_once_none_waits_for_ever_and_all_is_given_back()
    {
        var budget = new ByteBudget(1 << 20, TimeSpan.FromMilliseconds(200), TimeProvider.System);
        var random = new Random(20);
        int[] sizes = [.. Enumerable.Range(0, 200).Select(_ => random.Next(1, 700_000))];

        var granted = await Task.WhenAll(sizes.Select(size => Task.Run(() => GrowAsync(budget, size)))).WaitAsync(TimeSpan.FromMinutes(1));

        granted.ShouldContain(true);
        budget.Used.ShouldBe(0);
    }

    [Fact]
    public async Task A_lease_returns_exactly_what_it_took_however_its_buffers_grew()
    {
        var budget = Budget(1_000_000);
        var lease = new ByteLease(budget);
        (await lease.ReserveAsync(10_000, default)).ShouldBeTrue();
        var body = new ByteBuffer(lease, 4_000);
        body.Append(new byte[4_000]);
        var batch = new RowBatch(body, lease, 0);
        batch.Built.Append(new byte[50_000]);
        for (var i = 0; i < 100; i++)
        {
            batch.Add(default);
        }

        lease.Settle();
        budget.Used.ShouldBe(body.Held + batch.Built.Held + (128 * System.Runtime.CompilerServices.Unsafe.SizeOf<Row>()));
        batch.Dispose();
        budget.Used.ShouldBe(0);
    }

    [Fact]
    public async Task A_buffer_that_may_not_grow_says_so_and_stays_refused()
    {
        var budget = Budget(1_000);
        var lease = new ByteLease(budget);
        (await lease.ReserveAsync(500, default)).ShouldBeTrue();
        using var buffer = new ByteBuffer(lease);
        buffer.Append(new byte[800]);
        buffer.Refused.ShouldBeFalse();

        buffer.Append(new byte[300]);

        buffer.Refused.ShouldBeTrue("one may have 875");

        lease.IsTooLargeAlone.ShouldBeTrue();
        buffer.GetSpan(1).IsEmpty.ShouldBeTrue();
    }

    // Those that are refused let go.
    private bool GoOn(ByteLease[] leases, Task<bool>[] waiting, Task first)
    {
        _clock.Advance(TimeSpan.FromSeconds(0.2));
        for (var i = 0; i < leases.Length; i++)
        {
            if (waiting[i].IsCompleted)
            {
                leases[i].Settle();
            }
        }

        return first.IsCompleted;
    }

    private static async Task<bool> GrowAsync(ByteBudget budget, int size)
    {
        var lease = new ByteLease(budget);
        using var body = ByteBuffer.ForBody(lease);
        var isRefused = false;
        while (body.Length < size && !isRefused)
        {
            var capacity = body.NextCapacity(Math.Min(8_000, size - body.Length), size);
            isRefused = !await lease.ReserveAsync(body.CostOf(capacity), default);
            if (!isRefused)
            {
                body.Grow(capacity);
                body.Advance(Math.Min(8_000, size - body.Length));
                await Task.Yield();
            }
        }

        lease.Settle();
        return !isRefused;
    }

    private static Task<bool> WaitAsync(ByteBudget budget, long bytes) => new ByteLease(budget).ReserveAsync(bytes, default).AsTask();

    private ByteBudget Budget(long bytes) => new(bytes, _timeout, _clock);
}
