using Collector.Model;
using Collector.Pipeline.Queue;
using Microsoft.Extensions.Time.Testing;

namespace Collector.Tests.Pipeline.Queue;

public sealed class ByteBudgetTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task Those_who_wait_are_served_in_order_as_room_comes_free()
    {
        var budget = Budget(100);
        budget.TryTake(100).ShouldBeTrue();
        var first = budget.TakeAsync(60, default).AsTask();
        var second = budget.TakeAsync(60, default).AsTask();

        budget.Give(70);
        (await first).ShouldBeTrue();
        second.IsCompleted.ShouldBeFalse("there are 40");

        budget.Give(60);
        (await second).ShouldBeTrue();
        budget.Used.ShouldBe(90);
    }

    [Fact]
    public async Task A_share_that_does_not_fit_lets_smaller_ones_pass_for_half_of_its_patience_and_no_longer()
    {
        var budget = Budget(100);
        budget.TryTake(50).ShouldBeTrue();
        var large = budget.TakeAsync(80, default).AsTask();
        (await budget.TakeAsync(50, default)).ShouldBeTrue("it fits, and the large one does not");
        var waiting = budget.TakeAsync(10, default).AsTask();
        budget.Give(10);
        (await waiting).ShouldBeTrue("it fits as soon as that is given back");

        _clock.Advance(TimeSpan.FromSeconds(2.5));
        budget.Give(50);
        var late = budget.TakeAsync(10, default).AsTask();
        late.IsCompleted.ShouldBeFalse("it may not overtake any more, or large requests would starve");

        budget.Give(50);
        (await large).ShouldBeTrue();
        (await late).ShouldBeTrue();
    }

    [Fact]
    public async Task Who_waits_too_long_is_refused_and_holds_up_nobody_behind()
    {
        var budget = Budget(100);
        budget.TryTake(50);
        var large = budget.TakeAsync(60, default).AsTask();
        var small = budget.TakeAsync(40, default).AsTask();

        _clock.Advance(TimeSpan.FromSeconds(5));

        (await large).ShouldBeFalse();
        await small;
        budget.Used.ShouldBeOneOf(50, 90);
    }

    [Fact]
    public async Task Who_leaves_while_waiting_takes_nothing()
    {
        var budget = Budget(100);
        budget.TryTake(100);
        using var caller = new CancellationTokenSource();
        var waiting = budget.TakeAsync(60, caller.Token).AsTask();

        await caller.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(waiting);
        budget.Give(100);

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
        buffer.Append(new byte[900]);
        buffer.Refused.ShouldBeFalse();

        buffer.Append(new byte[200]);

        buffer.Refused.ShouldBeTrue();
        lease.IsTooLargeAlone.ShouldBeTrue();
        buffer.GetSpan(1).IsEmpty.ShouldBeTrue();
    }

    private ByteBudget Budget(long bytes) => new(bytes, TimeSpan.FromSeconds(5), _clock);
}
