using Collector.Model;
using Collector.Pipeline.Streams;

namespace Collector.Tests.Pipeline.Streams;

public sealed class HighWaterTests
{
    private const ulong Largest = 200;

    [Fact]
    public void It_knows_the_same_as_a_set_whatever_comes_and_goes()
    {
        var random = new Random(1);
        for (var round = 0; round < 300; round++)
        {
            var (come, set) = (new HighWater(), new HashSet<ulong>());
            for (var step = 0; step < 300; step++)
            {
                if (random.Next(4) > 0)
                {
                    var sequence = (ulong)random.Next(1, (int)Largest);
                    var isRepeat = come.Add(sequence, int.MaxValue, out _) == Addition.Repeat;
                    isRepeat.ShouldBe(!set.Add(sequence));
                }
                else if (set.Count > 0)
                {
                    var range = RangeIn(set, random);
                    come.TakeBack(range, random.Next(2) == 0 ? "full" : "lost");
                    set.RemoveWhere(range.Contains);
                }
            }

            var holes = come.Holes.SelectMany(static hole => Sequences(hole.Range)).ToArray();
            holes.ShouldBeInOrder();
            Sequences(new SequenceRange(1, Largest)).Where(sequence => sequence <= come.Mark).Except(set).ShouldBe(holes);
        }
    }

    [Fact]
    public void Neighbours_given_up_for_the_same_reason_are_one_hole()
    {
        var come = new HighWater();
        for (var sequence = 1UL; sequence <= 30; sequence++)
        {
            come.Add(sequence, int.MaxValue, out _);
        }

        come.TakeBack(new SequenceRange(21, 30), "full");
        come.TakeBack(new SequenceRange(1, 10), "full");
        come.TakeBack(new SequenceRange(11, 20), "full");

        come.Holes.ShouldBe([new MissingRange(new SequenceRange(1, 30), "full")]);
    }

    [Fact]
    public void No_more_may_be_missing_than_is_bearable_and_what_fills_makes_room()
    {
        var come = new HighWater();
        for (var sequence = 2UL; sequence <= 20; sequence += 2)
        {
            come.Add(sequence, 10, out _).ShouldBe(Addition.Fresh);
        }

        come.Add(22, 10, out _).ShouldBe(Addition.TooManyHoles);
        come.Add(21, 10, out _).ShouldBe(Addition.TooManyHoles);
        come.Add(3, 10, out var filled).ShouldBe(Addition.Filled);
        filled.Reason.ShouldBe(MissingRange.NotReceived);
        come.Add(21, 10, out _).ShouldBe(Addition.Fresh);
        come.Add(23, 10, out _).ShouldBe(Addition.Fresh);
        come.Holes.Count.ShouldBe(10);
    }

    [Fact]
    public void What_gave_way_counts_as_what_was_skipped_does()
    {
        var come = new HighWater();
        for (var sequence = 1UL; sequence <= 20; sequence++)
        {
            come.Add(sequence, 10, out _).ShouldBe(Addition.Fresh);
        }

        for (var sequence = 1UL; sequence <= 20; sequence += 2)
        {
            come.TakeBack(new SequenceRange(sequence, sequence), "full");
        }

        come.Add(21, 10, out _).ShouldBe(Addition.TooManyHoles);
        come.Mark.ShouldBe(20UL);
        come.Add(7, 10, out _).ShouldBe(Addition.Filled);
        come.Add(21, 10, out _).ShouldBe(Addition.Fresh);
    }

    private static SequenceRange RangeIn(HashSet<ulong> set, Random random)
    {
        var first = set.ElementAt(random.Next(set.Count));
        var last = first;
        while (set.Contains(last + 1) && random.Next(4) > 0)
        {
            last++;
        }

        return new SequenceRange(first, last);
    }

    private static IEnumerable<ulong> Sequences(SequenceRange range)
    {
        for (var sequence = range.First; sequence <= range.Last; sequence++)
        {
            yield return sequence;
        }
    }
}
