using Collector.Diagnostics;
using Microsoft.Extensions.Time.Testing;

namespace Collector.Tests.Diagnostics;

public sealed class RecentLatencyTests
{
    private readonly FakeTimeProvider _clock = new();

    [Theory]
    [InlineData(0.001)]
    [InlineData(0.063)]
    [InlineData(0.064)]
    [InlineData(1.5)]
    [InlineData(333)]
    [InlineData(60_000)]
    [InlineData(2_000_000)]
    public void A_duration_is_told_within_two_percent(double milliseconds)
    {
        var recent = new RecentLatency(_clock);
        recent.Record(TimeSpan.FromMilliseconds(milliseconds));

        var summary = recent.Read();

        summary.Count.ShouldBe(1);
        summary.Median!.Value.TotalMilliseconds.ShouldBe(milliseconds, milliseconds * 0.02);
        summary.P99.ShouldBe(summary.Median);
    }

    [Fact]
    public void Percentiles_are_those_of_the_sorted_durations()
    {
        var recent = new RecentLatency(_clock);
        for (var i = 1; i <= 1000; i++)
        {
            recent.Record(TimeSpan.FromMilliseconds(i));
        }

        var summary = recent.Read();

        summary.Median!.Value.TotalMilliseconds.ShouldBe(500, 10);
        summary.P99!.Value.TotalMilliseconds.ShouldBe(990, 20);
    }

    [Fact]
    public void Odd_durations_count_at_the_ends_of_the_range()
    {
        var recent = new RecentLatency(_clock);
        recent.Record(TimeSpan.FromSeconds(-1));
        recent.Record(TimeSpan.MaxValue);

        recent.Read().Count.ShouldBe(2);
        recent.Read().Median.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void What_is_older_than_five_minutes_is_forgotten()
    {
        var recent = new RecentLatency(_clock);
        recent.Record(TimeSpan.FromMilliseconds(1));
        _clock.Advance(TimeSpan.FromMinutes(4));
        recent.Record(TimeSpan.FromMilliseconds(2));
        recent.Read().Count.ShouldBe(2);

        _clock.Advance(TimeSpan.FromMinutes(1));
        recent.Read().Count.ShouldBe(1);

        // The minute that the first one was in comes round again.
        recent.Record(TimeSpan.FromMilliseconds(3));
        recent.Read().Count.ShouldBe(2);

        _clock.Advance(TimeSpan.FromDays(1));
        recent.Read().ShouldBe(new DurationSummary(0, null, null));
    }
}
