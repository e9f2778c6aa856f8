using Collector.Model;
using Collector.Storage;
using Collector.Storage.Sqlite;
using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Segments;
using Collector.Tests.Support;

namespace Collector.Tests.Storage.Sqlite;

public sealed class CarriedStreamsTests
{
    private const ulong Hour = 3_600_000_000_000;

    [Fact]
    public void A_new_segment_takes_over_the_streams_of_the_last_day_so_that_they_outlive_the_older_files()
    {
        using var open = new OpenStore();
        using var batch = Some.Batch(new SomeRow());
        var group = new AppendGroup { Streams = [Mark("old", 25), Mark("young", 23)] };
        group.Batches.Add(batch);
        open.Store.Appender.Append(group).ShouldBe(AppendResult.Committed);

        open.Restart(beginSegment: true);

        using var newest = Connections.OpenReader(open.HotFile);
        var carried = RecoveredState.Carried(newest, streamsSinceNanos: 0).Streams.ShouldHaveSingleItem();
        (carried.StreamId, carried.HighWater, carried.SeenNanos).ShouldBe(("young", 9UL, Some.Noon - (23 * Hour)));
        carried.Holes.ShouldBe([new SequenceRange(2, 3)]);
    }

    private static StreamMark Mark(string id, ulong hoursAgo) =>
        new(id, 9, [new SequenceRange(2, 3)], Some.Noon - (hoursAgo * Hour));
}
