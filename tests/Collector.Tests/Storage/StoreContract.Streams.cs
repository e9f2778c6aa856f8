using Collector.Model;
using Collector.Storage;
using Collector.Tests.Support;

namespace Collector.Tests.Storage;

/// <summary>What is kept of streams of events.</summary>
public abstract partial class StoreContract
{
    [Fact]
    public void A_streams_mark_is_kept_with_its_rows_replaces_the_one_before_and_survives_a_restart()
    {
        StreamMark[] other = [new("other", 7, [], Some.Noon)];
        StoreWith(new SomeRow { Message = "a" }, [new StreamMark("s", 10, [], Some.Noon), .. other]);
        var mark = new StreamMark("s", 20, [new SequenceRange(3, 5), new SequenceRange(11, 11)], Some.Noon + 5);
        StoreWith(new SomeRow { Message = "b" }, [mark]);

        for (var restart = 0; restart < 3; restart++)
        {
            Restart();
            var kept = Appender.Recall(0, Some.Noon).Streams.OrderBy(static m => m.StreamId).ToArray();
            kept.Select(static m => (m.StreamId, m.HighWater, m.SeenNanos)).ShouldBe([("other", 7UL, Some.Noon), ("s", 20UL, Some.Noon + 5)]);
            kept[1].Holes.ShouldBe(mark.Holes);
        }

        Appender.Recall(0, Some.Noon + 1).Streams.Select(static m => m.StreamId).ShouldBe(["s"]);
    }

    [Fact]
    public void A_mark_is_not_kept_where_its_rows_are_not()
    {
        using var poisoned = Some.Batch(new SomeRow { Worker = "" });
        var group = new AppendGroup { Streams = [new StreamMark("s", 1, [], Some.Noon)] };
        group.Batches.Add(poisoned);

        Appender.Append(group).Status.ShouldBe(AppendStatus.Permanent);

        Appender.Recall(0, 0).Streams.ShouldBeEmpty();
        Restart();
        Appender.Recall(0, 0).Streams.ShouldBeEmpty();
    }

    private void StoreWith(SomeRow row, StreamMark[] streams)
    {
        using var batch = Some.Batch(row);
        var group = new AppendGroup { Streams = streams };
        group.Batches.Add(batch);
        Appender.Append(group).ShouldBe(AppendResult.Committed);
    }
}
