using Collector.Pipeline.Spool;

namespace Collector.Tests.Pipeline.Spool;

public sealed class SpoolPolicyTests
{
    [Theory]
    //          waiting capacity failing  write ms ending   take copies replays
    [InlineData(0, 1000, false, 0, false, 0, false, 32)]
    [InlineData(500, 1000, false, 0, false, 0, false, 32)]
    [InlineData(501, 1000, false, 0, false, 0, false, 0)]
    [InlineData(750, 1000, false, 0, false, 0, false, 0)]
    [InlineData(751, 1000, false, 0, false, 251, false, 0)]
    [InlineData(1000, 1000, false, 0, false, 500, false, 0)]
    [InlineData(7, 1000, true, 0, false, 7, false, 1)]
    [InlineData(7, 1000, false, 1999, false, 0, false, 32)]
    [InlineData(7, 1000, false, 2000, false, 7, true, 0)]
    [InlineData(7, 1000, true, 2000, false, 7, true, 0)]
    [InlineData(7, 1000, false, 0, true, 7, false, 0)]
    [InlineData(7, 1000, false, 1, true, 7, true, 0)]
    [InlineData(1, 1, false, 0, false, 1, false, 0)]
    internal void The_spool_takes_and_returns_requests_by_how_the_store_fares(
        int waiting, int capacity, bool failing, int writeMs, bool ending, int take, bool copies, int replays)
    {
        var view = new SpoolView(waiting, capacity, Memory: 0, failing, TimeSpan.FromMilliseconds(writeMs), ending);

        SpoolPolicy.RequestsToTake(view).ShouldBe(take);
        SpoolPolicy.ShouldCopyUnderWay(view).ShouldBe(copies);
        SpoolPolicy.MaxReplays(view).ShouldBe(replays);
    }

    [Theory]
    [InlineData(0.50, 0, 32)]
    [InlineData(0.75, 0, 0)]
    [InlineData(0.76, 4, 0)]
    internal void Few_large_requests_are_spooled_before_they_fill_the_memory(double memory, int take, int replays)
    {
        var view = new SpoolView(7, 1000, memory, IsStoreFailing: false, TimeSpan.Zero, IsEnding: false);

        SpoolPolicy.RequestsToTake(view).ShouldBe(take);
        SpoolPolicy.MaxReplays(view).ShouldBe(replays);
    }
}
