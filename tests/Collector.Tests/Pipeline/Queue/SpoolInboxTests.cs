using Collector.Pipeline.Ledger;
using Collector.Pipeline.Queue;
using Collector.Pipeline.Streams;
using Collector.Tests.Support;

namespace Collector.Tests.Pipeline.Queue;

public sealed class SpoolInboxTests
{
    private readonly RowLedger _ledger = new();
    private readonly SpoolInbox _inbox = new();

    [Fact]
    public async Task What_is_left_wakes_the_spool_and_is_taken_in_order()
    {
        var woken = Task.Run(_inbox.Signal.WaitOne);
        var (first, second) = (Receive(), Receive());
        _inbox.Accept(first);
        _inbox.Accept(second);
        await woken.WaitAsync(TimeSpan.FromSeconds(30));

        _inbox.TryTake(out var taken).ShouldBeTrue();
        taken.ShouldBeSameAs(first);
        _inbox.TryTake(out taken).ShouldBeTrue();
        taken.ShouldBeSameAs(second);
        _inbox.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public async Task When_the_spool_has_died_what_was_left_and_what_is_still_left_is_evicted()
    {
        var (before, after) = (Receive(), Receive());
        _inbox.Accept(before);

        _inbox.Close();
        _inbox.Accept(after);

        _inbox.IsClosed.ShouldBeTrue();
        (await before.AnswerAsync(CancellationToken.None)).Status.ShouldBe(IngestStatus.Refused);
        (await after.AnswerAsync(CancellationToken.None)).Status.ShouldBe(IngestStatus.Refused);
        _ledger.Total().ShouldBe(Counts.Of(2, refused: 2));
        _ledger.Read().Single().Reasons["spool_failed"].ShouldBe(2);
    }

    private Delivery Receive()
    {
        var clock = new NoonClock();
        var books = new DeliveryBooks(_ledger, new DedupWindow(TimeSpan.Zero, clock), new StreamTracker(_ledger, clock), clock);
        return Delivery.Receive(books, Batches.Of(1), awaitStored: true);
    }
}
