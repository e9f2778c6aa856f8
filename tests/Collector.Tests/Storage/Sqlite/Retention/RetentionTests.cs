using Collector.Storage;
using Collector.Storage.Folder;
using Collector.Storage.Sqlite;
using Collector.Storage.Sqlite.Segments;
using Collector.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Collector.Tests.Storage.Sqlite.Retention;

/// <summary>What the rules let go goes, and nothing else.</summary>
public sealed class RetentionTests
{
    private static readonly DateTimeOffset _noon = DateTimeOffset.UnixEpoch.AddTicks((long)(Some.Noon / 100));

    [Fact]
    public async Task A_segment_whose_newest_arrival_is_too_old_is_deleted_and_reported()
    {
        var clock = new FakeTimeProvider(_noon);
        using var open = new OpenStore(clock: clock);
        open.Append(new SomeRow { Message = "old" }, new SomeRow { Message = "old too" });
        var file = open.HotFile;
        open.Store.Appender.RollOver();
        await open.IsSealedAsync();

        Pass(open, clock, TimeSpan.FromDays(7));
        open.Store.Lifecycle.Report().Segments.Count.ShouldBe(2, "seven days are kept whole");

        Pass(open, clock, TimeSpan.FromMinutes(1));
        var report = open.Store.Lifecycle.Report();
        report.Segments.Select(static s => s.Name).ShouldBe(["segment-000002.db"]);
        var removed = report.Retention.Recent.ShouldHaveSingleItem();
        (removed.Segment.Name, removed.Segment.Rows, removed.Rule).ShouldBe(("segment-000001.db", 2L, "age"));
        removed.Segment.LastArrival.ShouldBe(Some.Noon);
        report.Retention.Removed.ShouldBe(new RemovedTotal(1, 2, removed.Segment.Bytes));
        Directory.GetFiles(open.Folder).ShouldNotContain(f => f.StartsWith(file, StringComparison.Ordinal));
        open.Store.Reader.Ask(new LogQuery()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Every_minute_of_the_clock_it_looks_by_itself()
    {
        var clock = new FakeTimeProvider(_noon);
        using var open = new OpenStore(clock: clock);
        open.Append(new SomeRow());
        open.Store.Appender.RollOver();
        await open.IsSealedAsync();

        // In steps, since one leap would be taken for a clock that was set wrong.
        await Eventually.IsSoAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromHours(1));
                return open.Store.Lifecycle.Report().Segments.Count == 1;
            },
            () => "deleted");
        (clock.GetUtcNow() - _noon).ShouldBeGreaterThan(TimeSpan.FromDays(7));
    }

    [Fact]
    public async Task An_idle_store_begins_a_new_segment_each_day_so_that_its_rows_grow_old()
    {
        var clock = new FakeTimeProvider(_noon);
        using var open = new OpenStore(clock: clock);
        open.Append(new SomeRow());
        Pass(open, clock, TimeSpan.FromHours(11));
        open.Store.Catalog.Segments.Length.ShouldBe(1);
        Pass(open, clock, TimeSpan.FromHours(2));
        // The store's own pass may be at it.
        await Eventually.IsSoAsync(() => open.Store.Catalog.Segments.Length == 2, () => "a second segment");
        Pass(open, clock, TimeSpan.FromDays(1));
        open.Store.Catalog.Segments.Length.ShouldBe(2, "an empty segment begins no other");
        await open.IsSealedAsync();
    }

    [Fact]
    public async Task Beyond_the_quota_the_oldest_leave_and_the_spool_counts_too()
    {
        var clock = new FakeTimeProvider(_noon);
        var spool = 0L;
        var options = new SqliteStoreOptions { Retention = { MaxBytes = 16 << 20 } };
        using var open = new OpenStore(options, clock, () => spool);
        for (var i = 0; i < 5; i++)
        {
            open.Append([.. Enumerable.Range(0, 100).Select(n => new SomeRow { Message = $"{i}", Context = new string('x', 6_000) })]);
            open.Store.Appender.RollOver();
        }

        await open.IsSealedAsync();
        Pass(open, clock, TimeSpan.Zero);
        open.Store.Lifecycle.Report().Segments.Count.ShouldBe(6, "all of it is far below the quota");

        spool = 10 << 20;
        Pass(open, clock, TimeSpan.Zero);
        var report = open.Store.Lifecycle.Report();
        report.Segments[0].Name.ShouldNotBe("segment-000001.db");
        report.Segments.Count.ShouldBeGreaterThan(1, "no more leave than have to");
        (report.Bytes + spool).ShouldBeLessThanOrEqualTo(16 << 20);
        report.OtherBytes.ShouldBe(spool);
        report.Retention.Recent.ShouldAllBe(static r => r.Rule == "bytes");

        spool = 100 << 20;
        Pass(open, clock, TimeSpan.Zero);
        open.Store.Lifecycle.Report().Segments.Select(static s => s.State).ShouldBe(["hot"], "what is appended to stays");
        open.Append(new SomeRow());
    }

    [Fact]
    public async Task A_clock_that_leaps_ahead_empties_nothing_for_an_hour_and_is_complained_of()
    {
        var clock = new JumpingClock();
        using var open = new OpenStore(clock: clock);
        using var batch = Some.Batch(Timestamp(clock), new SomeRow());
        open.Store.Appender.Append([batch]).ShouldBe(AppendResult.Committed);
        open.Store.Appender.RollOver();
        await open.IsSealedAsync();
        Pass(open, clock, TimeSpan.Zero);

        clock.Jump(TimeSpan.FromDays(400));
        Pass(open, clock, TimeSpan.Zero);
        // The leap may have begun another day, and with it a segment.
        open.Store.Lifecycle.Report().Segments[0].Name.ShouldBe("segment-000001.db");
        open.Store.Lifecycle.Report().Retention.PausedUntil.ShouldBe(Timestamp(clock) + 3_600_000_000_000UL);
        open.Log.Errors.ShouldContain(static e => e.Contains("clock has jumped", StringComparison.Ordinal));

        Pass(open, clock, TimeSpan.FromMinutes(59));
        open.Store.Lifecycle.Report().Segments[0].Name.ShouldBe("segment-000001.db");
        Pass(open, clock, TimeSpan.FromMinutes(2));
        open.Store.Lifecycle.Report().Retention.PausedUntil.ShouldBeNull();
        open.Store.Lifecycle.Report().Segments[0].Name.ShouldNotBe("segment-000001.db");
    }

    [Fact]
    public async Task A_question_that_reads_a_segment_which_is_deleted_has_its_whole_answer_and_the_file_goes_afterwards()
    {
        var clock = new FakeTimeProvider(_noon);
        using var open = new OpenStore(clock: clock);
        open.Append([.. Enumerable.Range(0, 500).Select(static i => new SomeRow { Message = $"{i}", Nanos = (ulong)i })]);
        var file = open.HotFile;
        open.Store.Appender.RollOver();
        await open.IsSealedAsync();

        var rows = 0;
        var sink = new CollectingSink
        {
            OnRow = () =>
            {
                if (++rows == 10)
                {
                    Pass(open, clock, TimeSpan.FromDays(8));
                    open.Store.Reader.Ask(new LogQuery()).ShouldBeEmpty("whoever asks now no longer finds it");
                    File.Exists(file).ShouldBeTrue("it is being read");
                }
            },
        };
        open.Store.Reader.Find(new LogQuery { Descending = false, Limit = 1_000 }, sink, CancellationToken.None);
        sink.Rows.Count.ShouldBe(500);
        await Eventually.IsSoAsync(() => !File.Exists(file), () => "the file goes");
        await Eventually.IsSoAsync(() => open.Store.Lifecycle.Report().Retention.Removed.Segments == 1, () => "and is counted");
    }

    [Fact]
    public void What_a_crash_left_of_a_deletion_is_deleted_at_the_next_start()
    {
        using var open = new OpenStore();
        var left = Path.Combine(open.Folder, "segment-000007.db.deleted");
        File.WriteAllText(left, "half gone");
        open.Restart();
        open.Store.Dispose();
        File.Exists(left).ShouldBeFalse();
    }

    private static ulong Timestamp(TimeProvider clock) => Collector.Model.Timestamps.ToNanos(clock.GetUtcNow());

    private static void Pass(OpenStore open, FakeTimeProvider clock, TimeSpan later)
    {
        for (var left = later; left > TimeSpan.Zero; left -= TimeSpan.FromMinutes(50))
        {
            clock.Advance(left < TimeSpan.FromMinutes(50) ? left : TimeSpan.FromMinutes(50));
        }

        open.Store.Lifecycle.Retain();
    }
}
