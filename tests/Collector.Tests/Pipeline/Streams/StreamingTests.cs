using Collector.Model;
using Collector.Pipeline.Ledger;
using Collector.Pipeline.Queue;
using Collector.Pipeline.Streams;
using Collector.Storage;
using Collector.Tests.Support;

namespace Collector.Tests.Pipeline.Streams;

/// <summary>Parts of a stream through the whole pipeline.</summary>
public sealed class StreamingTests : IDisposable
{
    private const string Id = "s";

    private static readonly AppendResult _locked = new(AppendStatus.Transient, "database is locked");

    private readonly TemporaryFolder _temporary = new();

    [Fact]
    public async Task A_mark_is_committed_with_the_rows_it_speaks_of()
    {
        var store = new RuledStore(_ => AppendResult.Committed);
        await using var pipes = new Pipes(store, _temporary.File("spool"));
        var watch = pipes.Streams.Watch(Id, static () => { });
        await SendAsync(pipes, watch, 1, 2, 3);
        await SendAsync(pipes, watch, 5, 6);
        await pipes.UntilAsync(static total => total.Stored == 5);

        (store.Streams[Id].HighWater, store.Streams[Id].Holes.Single()).ShouldBe((6UL, new SequenceRange(4, 4)));
        Standing(pipes, watch).ShouldBe((6UL, 1));
        pipes.Total.ShouldBe(Counts.Of(5, stored: 5));
    }

    [Fact]
    public async Task What_is_spooled_is_known_to_the_next_process_and_its_mark_comes_with_its_rows()
    {
        var store = new RuledStore(_ => _locked);
        await using (var first = new Pipes(store, _temporary.File("spool")))
        {
            var watch = first.Streams.Watch(Id, static () => { });
            await SendAsync(first, watch, 1, 2, 3);
            await first.UntilAsync(static total => total.Spooled == 3);
            Standing(first, watch).ShouldBe((3UL, 0));
            await first.HurryAsync();
        }

        await using var second = new Pipes(store, _temporary.File("spool"));
        var again = second.Streams.Watch(Id, static () => { });
        var repeats = new StreamPart(Id);
        second.Streams.TryAdd(again, repeats, 3, "w"u8).ShouldBe(StreamAddition.Repeat);
        store.Streams.ShouldBeEmpty();
        store.Rule = _ => AppendResult.Committed;
        await second.UntilAsync(static total => total.Spooled == 0);

        store.Streams[Id].HighWater.ShouldBe(3UL);
        second.Total.ShouldBe(Counts.Of(4, stored: 3, duplicate: 1));
    }

    [Fact]
    public async Task A_rejected_part_is_a_hole_and_costs_no_other()
    {
        var store = new RuledStore(static batches => batches.Any(static batch => batch.Count == 2)
            ? new AppendResult(AppendStatus.Permanent, "unlucky")
            : AppendResult.Committed);
        await using var pipes = new Pipes(store, _temporary.File("spool"));
        var watch = pipes.Streams.Watch(Id, static () => { });
        await SendAsync(pipes, watch, 1);
        await SendAsync(pipes, watch, 2, 3);
        await SendAsync(pipes, watch, 4, 5, 6);
        await pipes.UntilAsync(static total => total.InFlight == 0);

        var standing = pipes.Streams.News(watch).ShouldNotBeNull();
        (standing.Through, standing.Dropped.Single().Range).ShouldBe((6UL, new SequenceRange(2, 3)));
        standing.Dropped[0].Reason.ShouldContain("unlucky");
        store.Streams[Id].Holes.ShouldBe([new SequenceRange(2, 3)]);
        pipes.Total.ShouldBe(Counts.Of(6, stored: 4, rejected: 2));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_gives_way_is_refused_where_a_call_can_be_told_and_lost_where_none_can(bool isWatched)
    {
        var ledger = new RowLedger();
        var streams = new StreamTracker(ledger, new NoonClock());
        var books = new DeliveryBooks(ledger, new DedupWindow(TimeSpan.Zero, new NoonClock()), streams, new NoonClock());
        var queue = new IngestQueue(new QueueOptions { Capacity = 1 }, books, new Signal());
        var watch = streams.Watch(Id, static () => { });
        await queue.EnqueueAsync(Part(streams, watch, 1), awaitStored: false, default);
        if (!isWatched)
        {
            streams.Leave(watch);
        }

        await queue.EnqueueAsync(Part(streams, watch, 2), awaitStored: false, default);

        ledger.Total().ShouldBe(isWatched ? Counts.Of(2, refused: 1) : Counts.Of(2, dropped: 1));
        var standing = streams.News(streams.Watch(Id, static () => { })).ShouldNotBeNull();
        standing.ShouldSatisfyAllConditions(
            s => s.Through.ShouldBe(1UL, "the second is under way"),
            s => s.Dropped.Single().ShouldBe(new MissingRange(new SequenceRange(1, 1), "the queue is full and this was its oldest request")));
    }

    public void Dispose() => _temporary.Dispose();

    private static (ulong Through, int Dropped) Standing(Pipes pipes, StreamWatch watch)
    {
        var standing = pipes.Streams.News(watch).ShouldNotBeNull();
        return (standing.Through, standing.Dropped.Count);
    }

    private static async Task SendAsync(Pipes pipes, StreamWatch watch, params ulong[] sequences)
    {
        var batch = Part(pipes.Streams, watch, sequences);
        (await pipes.SendAsync(batch, awaitStored: false)).Status.ShouldBe(IngestStatus.Queued);
    }

    private static RowBatch Part(StreamTracker streams, StreamWatch watch, params ulong[] sequences)
    {
        var batch = Batches.Of(sequences.Length);
        batch.Stream = new StreamPart(Id);
        foreach (var sequence in sequences)
        {
            streams.TryAdd(watch, batch.Stream, sequence, "some-worker"u8).ShouldBe(StreamAddition.Added);
        }

        return batch;
    }
}
