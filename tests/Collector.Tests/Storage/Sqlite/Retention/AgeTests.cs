using Collector.Model;
using Collector.Storage;
using Collector.Storage.Sqlite.Retention;
using Collector.Storage.Sqlite.Segments;
using Collector.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Collector.Tests.Storage.Sqlite.Retention;

/// <summary>Age is never decided by the wall clock alone: a wrong one deletes nothing that is minutes old.</summary>
public sealed class AgeTests
{
    private const ulong Day = 86_400_000_000_000;
    private const ulong Now = Some.Noon;

    private static readonly TimeSpan _hour = TimeSpan.FromHours(1);

    [Theory]
    [InlineData("10 9 8", "10 9 8", "a clock that was always right")]
    [InlineData("10 1 8 0", "10 1 1 0", "a day back for a while")]
    [InlineData("0 7 7 7", "0 0 0 0", "seven days back while several were begun")]
    [InlineData("10 -8 0", "10 0 0", "eight days ahead for a while: no older than the next")]
    [InlineData("-8 -8 0", "0 0 0", "the first ones ahead")]
    [InlineData("10 -8", "10 never", "ahead, and nothing since")]
    [InlineData("20000 0", "0 0", "1970, and then the right time")]
    [InlineData("10 20000 20000 1", "10 1 1 1", "1970 behind older ones")]
    [InlineData("20000", "never", "1970 and nothing else")]
    public void A_file_is_no_older_than_any_before_it(string daysAgo, string expected, string because)
    {
        var kept = daysAgo.Split(' ').Select(static (days, i) => new Kept(i + 1, 1, At(days))).ToArray();

        var ages = RetentionPolicy.AgesOf(kept, Now);

        ages.ShouldBe(expected.Split(' ').Select(At), because);
    }

    [Fact]
    public async Task A_start_with_a_clock_eight_days_ahead_deletes_nothing_for_an_hour_and_says_so()
    {
        var clock = new JumpingClock();
        using var open = await WithSealedAsync(clock);
        clock.Jump(TimeSpan.FromDays(8));
        open.Restart();

        open.Store.Catalog.Segments.Length.ShouldBeGreaterThanOrEqualTo(2);
        // The one that is stopped may have seen the jump too.
        open.Log.Errors.Count(static error => error.Contains("the clock says 2026-01-09T", StringComparison.Ordinal)).ShouldBe(1);
        Pass(open, clock, TimeSpan.FromMinutes(55));
        open.Store.Catalog.Segments[0].Name.ShouldBe(SegmentName.First);
        open.Store.Lifecycle.Report().Retention.PausedUntil.ShouldNotBeNull();

        // Who was told has had an hour; and a clock that is right again is asked anew.
        clock.Jump(TimeSpan.FromDays(-8));
        Pass(open, clock, _hour);
        open.Store.Catalog.Segments[0].Name.ShouldBe(SegmentName.First);
    }

    [Fact]
    public async Task After_the_hour_what_is_too_old_by_every_clock_leaves()
    {
        var clock = new JumpingClock();
        using var open = await WithSealedAsync(clock);
        clock.Jump(TimeSpan.FromDays(8));
        open.Restart();
        Pass(open, clock, _hour);
        open.Store.Lifecycle.Report().Segments[0].Name.ShouldNotBe("segment-000001.db");
    }

    [Fact]
    public async Task A_start_within_a_day_of_the_newest_arrival_waits_for_nothing()
    {
        var clock = new JumpingClock();
        using var open = await WithSealedAsync(clock);
        clock.Advance(TimeSpan.FromHours(23));
        open.Restart();
        open.Store.Lifecycle.Report().Retention.PausedUntil.ShouldBeNull();
        open.Log.Errors.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Segments_begun_while_the_clock_was_a_week_back_are_kept_as_those_before_them(int segments)
    {
        var clock = new JumpingClock();
        using var open = await WithSealedAsync(clock);
        clock.Jump(TimeSpan.FromDays(-7));
        for (var i = 0; i < segments; i++)
        {
            Append(open, clock);
            open.Store.Appender.RollOver();
        }

        clock.Jump(TimeSpan.FromDays(7));
        Append(open, clock);
        await open.IsSealedAsync();
        Pass(open, clock, _hour * 2);
        open.Store.Catalog.Rows.ShouldBe(segments + 2);

        open.Restart();
        Pass(open, clock, _hour * 2);
        open.Store.Catalog.Rows.ShouldBe(segments + 2, "minutes old, whatever they say");
        await LetAllAgeAsync(open, clock);
        open.Store.Catalog.Rows.ShouldBe(0, "in the end they leave");
    }

    [Fact]
    public async Task The_first_minutes_of_a_machine_without_a_clock_are_kept_when_the_right_time_comes()
    {
        var clock = new JumpingClock();
        clock.Jump(DateTimeOffset.UnixEpoch - clock.GetUtcNow());
        using var open = new OpenStore(clock: clock);
        Append(open, clock);
        Pass(open, clock, TimeSpan.FromMinutes(5));
        clock.Jump(TimeSpan.FromDays(365 * 56));
        Pass(open, clock, TimeSpan.FromMinutes(1));
        Append(open, clock);
        Append(open, clock);
        await open.IsSealedAsync();

        Pass(open, clock, _hour * 3);
        open.Restart();
        Pass(open, clock, _hour * 3);
        open.Store.Catalog.Rows.ShouldBe(3);
    }

    [Fact]
    public async Task A_start_with_a_clock_in_1970_deletes_nothing_and_neither_does_the_right_time_afterwards()
    {
        var clock = new JumpingClock();
        using var open = await WithSealedAsync(clock);
        var right = clock.GetUtcNow() - DateTimeOffset.UnixEpoch;
        clock.Jump(-right);
        open.Restart();
        Append(open, clock);
        open.Store.Appender.RollOver();
        clock.Jump(right);
        await open.IsSealedAsync();
        Pass(open, clock, _hour * 3);
        open.Store.Catalog.Rows.ShouldBe(2);
    }

    [Fact]
    public async Task A_clock_that_was_eight_days_ahead_while_rows_came_leaves_them_their_age()
    {
        var clock = new JumpingClock();
        using var open = await WithSealedAsync(clock);
        clock.Jump(TimeSpan.FromDays(8));
        Append(open, clock);
        open.Store.Appender.RollOver();
        clock.Jump(TimeSpan.FromDays(-8));
        Append(open, clock);
        await open.IsSealedAsync();
        Pass(open, clock, _hour * 2);
        open.Store.Catalog.Rows.ShouldBe(3);
        open.Restart();
        Pass(open, clock, TimeSpan.FromDays(6));
        open.Store.Catalog.Rows.ShouldBe(3);
        // The last one was begun by the wrong clock, and ends with that clock's day.
        await LetAllAgeAsync(open, clock);
        open.Store.Catalog.Rows.ShouldBe(0, "and no longer");
    }

    private static ulong At(string daysAgo) => daysAgo == "never" ? ulong.MaxValue
        : (ulong)((long)Now - (long.Parse(daysAgo, System.Globalization.CultureInfo.InvariantCulture) * (long)Day));

    private static async Task<OpenStore> WithSealedAsync(JumpingClock clock)
    {
        var open = new OpenStore(clock: clock);
        Append(open, clock);
        open.Store.Appender.RollOver();
        await open.IsSealedAsync();
        return open;
    }

    private static void Append(OpenStore open, TimeProvider clock)
    {
        using var batch = Some.Batch(Timestamps.ToNanos(clock.GetUtcNow()), new SomeRow());
        open.Store.Appender.Append([batch]).ShouldBe(AppendResult.Committed);
    }

    // What is being sealed leaves with the next pass.
    private static async Task LetAllAgeAsync(OpenStore open, FakeTimeProvider clock)
    {
        Pass(open, clock, TimeSpan.FromDays(2));
        await open.IsSealedAsync();
        Pass(open, clock, TimeSpan.FromDays(10));
        await open.IsSealedAsync();
        Pass(open, clock, TimeSpan.FromDays(10));
    }

    private static void Pass(OpenStore open, FakeTimeProvider clock, TimeSpan later)
    {
        for (var left = later; left > TimeSpan.Zero; left -= TimeSpan.FromMinutes(50))
        {
            clock.Advance(left < TimeSpan.FromMinutes(50) ? left : TimeSpan.FromMinutes(50));
            open.Store.Lifecycle.Retain();
        }
    }
}
