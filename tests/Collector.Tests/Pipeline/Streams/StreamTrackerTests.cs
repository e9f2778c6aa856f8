using Collector.Model;
using Collector.Pipeline.Ledger;
using Collector.Pipeline.Streams;
using Collector.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Collector.Tests.Pipeline.Streams;

public sealed class StreamTrackerTests
{
    private const string Id = "s";

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly RowLedger _ledger = new();
    private readonly StreamTracker _streams;
    private int _woken;

    public StreamTrackerTests() => _streams = new StreamTracker(_ledger, _clock);

    [Fact]
    public void A_call_hears_at_once_how_far_the_stream_is_and_then_of_every_change()
    {
        var watch = Watch();
        Standing(watch).ShouldBe("0");
        _streams.News(watch).ShouldBeNull("it was told that");

        var part = Part(watch, 1, 2, 3);
        _streams.News(watch).ShouldBeNull("nothing is on disk");
        _streams.End(part, IngestOutcome.Stored);

        Standing(watch).ShouldBe("3");
        _woken.ShouldBe(2);
        Standing(Watch()).ShouldBe("3");
    }

    [Fact]
    public void Nothing_is_told_of_before_what_comes_first_has_ended_too()
    {
        var watch = Watch();
        var (first, second) = (Part(watch, 1, 2), Part(watch, 3, 4));

        _streams.End(second, IngestOutcome.Spooled);
        Standing(watch).ShouldBe("0");
        _streams.IsSettled(watch).ShouldBeFalse();
        _streams.End(first, IngestOutcome.Stored);

        Standing(watch).ShouldBe("4");
        _streams.IsSettled(watch).ShouldBeTrue();
    }

    [Fact]
    public void What_gave_way_is_named_until_it_is_sent_again_and_stored()
    {
        var watch = Watch();
        _streams.End(Part(watch, 1, 2, 3), IngestOutcome.Refused("full"));
        _streams.End(Part(watch, 4), IngestOutcome.Stored);
        Standing(watch).ShouldBe("4, 1-3 full");

        var again = Part(watch, 2, 3);
        Standing(Watch()).ShouldBe("4, 1-1 full, 2-3 full", "it is on its way, no more");
        _streams.End(again, IngestOutcome.Stored);

        Standing(watch).ShouldBe("4, 1-1 full");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_repeat_of_an_event_under_way_shares_its_fate(bool isGood)
    {
        var watch = Watch();
        var part = Part(watch, 1, 2);
        var repeats = new StreamPart(Id);
        Add(Watch(), repeats, 2).ShouldBe(StreamAddition.Repeat);
        _ledger.Total().ShouldBe(Counts.Of(1), "the first ones are counted by who queues them");

        _streams.End(part, isGood ? IngestOutcome.Stored : IngestOutcome.Refused("full"));

        _ledger.Total().ShouldBe(isGood ? Counts.Of(1, duplicate: 1) : Counts.Of(1, refused: 1));
        repeats.Ranges.ShouldBeEmpty();
        Add(watch, new StreamPart(Id), 2).ShouldBe(isGood ? StreamAddition.Repeat : StreamAddition.Added);
    }

    [Fact]
    public void A_call_that_repeats_what_is_under_way_is_settled_when_that_is()
    {
        var (first, again, other) = (Watch(), Watch(), Watch());
        var parts = new[] { Part(first, 1, 2), Part(first, 3) };
        var repeats = new StreamPart(Id);
        foreach (var sequence in new[] { 1UL, 2UL, 2UL, 3UL })
        {
            Add(again, repeats, sequence).ShouldBe(StreamAddition.Repeat);
        }

        _streams.End(parts[0], IngestOutcome.Stored);
        (_streams.IsSettled(first), _streams.IsSettled(again), _streams.IsSettled(other)).ShouldBe((false, false, true));
        _streams.End(parts[1], IngestOutcome.Refused("full"));

        (_streams.IsSettled(first), _streams.IsSettled(again)).ShouldBe((true, true));
    }

    [Fact]
    public void A_mark_says_what_is_on_disk_with_its_transaction_and_nothing_of_what_is_under_way()
    {
        var watch = Watch();
        _streams.End(Part(watch, 1, 2), IngestOutcome.Stored);
        Part(watch, 3);
        var storing = Part(watch, 4, 5, 8);
        Part(watch, 9);

        var mark = _streams.MarksWith([BatchOf(storing)]).ShouldHaveSingleItem();

        mark.StreamId.ShouldBe(Id);
        mark.HighWater.ShouldBe(8UL);
        mark.Holes.ShouldBe([new SequenceRange(3, 3), new SequenceRange(6, 7)]);
    }

    [Fact]
    public void What_was_kept_is_known_after_a_start_and_so_is_what_was_spooled()
    {
        _streams.Load(new StreamMark(Id, 10, [new SequenceRange(4, 5)], Now()));
        var spooled = new StreamPart(Id);
        spooled.Add(new SequenceRange(11, 12));
        _streams.Load(spooled);

        var watch = Watch();
        Standing(watch).ShouldBe("12, 4-5 not received");
        Add(watch, new StreamPart(Id), 12).ShouldBe(StreamAddition.Repeat);
        Add(watch, new StreamPart(Id), 4).ShouldBe(StreamAddition.Added);
        // Out of the spool it is stored, and then the mark says so.
        _streams.MarksWith([BatchOf(spooled)])[0].HighWater.ShouldBe(12UL);
    }

    [Fact]
    public void What_the_spool_had_and_lost_can_be_sent_again()
    {
        var watch = Watch();
        var part = Part(watch, 1, 2);
        _streams.End(part, IngestOutcome.Spooled);

        _streams.Lose(part, "poisoned");

        Standing(watch).ShouldBe("2, 1-2 poisoned");
        Add(watch, new StreamPart(Id), 1).ShouldBe(StreamAddition.Added);
    }

    [Theory]
    [InlineData(23, 3UL)]
    [InlineData(25, 0UL)]
    public void A_silent_stream_is_known_for_a_day(int hours, ulong through)
    {
        var watch = Watch();
        _streams.End(Part(watch, 1, 2, 3), IngestOutcome.Stored);
        _streams.Leave(watch);

        _clock.Advance(TimeSpan.FromHours(hours));
        Watch("another");

        _streams.News(Watch())!.Through.ShouldBe(through);
    }

    [Fact]
    public void A_stream_with_a_call_is_known_however_silent_it_is()
    {
        var watch = Watch();
        _streams.End(Part(watch, 1, 2, 3), IngestOutcome.Stored);

        _clock.Advance(TimeSpan.FromDays(3));
        Watch("another");

        Add(watch, new StreamPart(Id), 3).ShouldBe(StreamAddition.Repeat);
    }

    [Fact]
    public void A_hundred_thousand_streams_are_known_and_the_oldest_make_room()
    {
        for (var i = 0; i < 100_000; i++)
        {
            _streams.Load(new StreamMark($"{i}", 7, [], Now() - 1_000_000 + (ulong)i));
        }

        Watch("new");

        _streams.News(Watch("0"))!.Through.ShouldBe(0UL);
        _streams.News(Watch("99999"))!.Through.ShouldBe(7UL);
    }

    private ulong Now() => Timestamps.ToNanos(_clock.GetUtcNow());

    private StreamWatch Watch(string id = Id) => _streams.Watch(id, () => _woken++);

    private StreamPart Part(StreamWatch watch, params ulong[] sequences)
    {
        var part = new StreamPart(Id);
        foreach (var sequence in sequences)
        {
            Add(watch, part, sequence).ShouldBe(StreamAddition.Added);
        }

        return part;
    }

    private StreamAddition Add(StreamWatch watch, StreamPart part, ulong sequence) =>
        _streams.TryAdd(watch, part, sequence, "some-worker"u8);

    private static RowBatch BatchOf(StreamPart part)
    {
        var batch = Batches.Of(3);
        batch.Stream = part;
        return batch;
    }

    private string Standing(StreamWatch watch)
    {
        var standing = _streams.News(watch).ShouldNotBeNull();
        return string.Join(", ", [$"{standing.Through}", .. standing.Dropped.Select(static hole => $"{hole.Range} {hole.Reason}")]);
    }
}
