using Collector.Storage;
using Collector.Storage.Sqlite.Retention;
using Collector.Storage.Sqlite.Segments;
using Collector.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Collector.Tests.Storage.Sqlite.Retention;

/// <summary>A disk of a size that the test says: what follows from it, and what happens before it is full.</summary>
public sealed class SpaceTests
{
    private const long MiB = 1 << 20;
    private const long GiB = 1 << 30;

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch.AddTicks((long)(Some.Noon / 100)));
    private readonly SqliteStoreOptions _options = new();
    private DiskSpace? _disk = new(100 * GiB, 200 * GiB);

    public SpaceTests() => _options.AskDisk = () => _disk;

    [Theory]
    [InlineData(0, 20, 80, 80)]
    [InlineData(0, 0, 100, 80)]
    [InlineData(10, 20, 80, 10)]
    [InlineData(-1, 20, 80, -1)]
    public void The_bound_is_what_is_set_or_four_fifths_of_what_is_held_and_free(long set, long held, long free, long expected)
    {
        _options.Retention.MaxBytes = set < 0 ? RetentionOptions.NoBound : set * GiB;
        _disk = new DiskSpace(free * GiB, 200 * GiB);
        var space = new StoreSpace(_options, _clock);

        space.Derive(held * GiB);

        space.MaxBytes.ShouldBe(expected < 0 ? RetentionOptions.NoBound : expected * GiB);
    }

    [Theory]
    [InlineData(0, 100 * GiB, GiB)]
    [InlineData(0, 5 * GiB, 4 * GiB / 10)]
    [InlineData(0, 20 * MiB, 16 * MiB)]
    [InlineData(16 * MiB, 100 * GiB, 16 * MiB / 10)]
    [InlineData(RetentionOptions.NoBound, 20 * MiB, GiB)]
    public void A_segment_is_a_tenth_of_the_bound_at_most(long set, long free, long expected)
    {
        _options.Retention.MaxBytes = set;
        _disk = new DiskSpace(free, 200 * GiB);
        var space = new StoreSpace(_options, _clock);
        space.Derive(0);
        space.MaxSegment.ShouldBe(expected);
    }

    [Theory]
    [InlineData(200 * GiB, 0, 64 * MiB)]
    [InlineData(200 * GiB, GiB, GiB)]
    [InlineData(100 * MiB, 0, 10 * MiB)]
    [InlineData(100 * MiB, 50 * MiB, 10 * MiB)]
    public void The_floor_is_64_MiB_or_what_a_seal_takes_and_a_tenth_of_the_disk_at_most(long disk, long seal, long expected) =>
        StoreSpace.FloorOf(new DiskSpace(0, disk), seal).ShouldBe(expected);

    [Fact]
    public async Task Near_the_floor_the_oldest_segment_leaves_before_anybody_is_refused_and_both_answers_say_so()
    {
        _options.Retention.MaxBytes = RetentionOptions.NoBound;
        using var open = await WithSegmentsAsync(3);
        var first = open.Store.Catalog.Segments[0];
        var bytes = first.Bytes;
        _disk = new DiskSpace((96 * MiB) - 1, 200 * GiB);

        open.Store.Lifecycle.Retain();

        open.Store.Catalog.Segments.Select(static s => s.Name.Number).ShouldBe([2, 3, 4], "one is enough");
        open.Append(new SomeRow());
        var report = open.Store.Lifecycle.Report();
        report.Retention.Recent.ShouldHaveSingleItem().Rule.ShouldBe("space");
        report.Retention.RemovedEarly.ShouldBe(new RemovedTotal(1, 1, bytes));
        report.Space.ShouldBe(new SpaceReport((96 * MiB) - 1, 64 * MiB, 0));
    }

    [Fact]
    public async Task While_the_room_of_a_deleted_segment_is_not_given_back_no_other_leaves()
    {
        using var open = await WithSegmentsAsync(3);
        _disk = new DiskSpace((96 * MiB) - 1, 200 * GiB);
        for (var pass = 0; pass < 10; pass++)
        {
            open.Store.Lifecycle.Retain();
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        open.Store.Catalog.Segments.Length.ShouldBe(3);
    }

    [Fact]
    public void Below_the_floor_rows_are_refused_with_a_hint_to_retry_and_the_figures_and_taken_when_there_is_room()
    {
        using var open = new OpenStore(_options, _clock);
        open.Append(new SomeRow { Message = "before" });
        using var batch = Some.Batch(new SomeRow { Message = "later" });
        _disk = new DiskSpace(10 * MiB, 200 * GiB);
        _clock.Advance(TimeSpan.FromSeconds(1));

        var result = open.Store.Appender.Append([batch]);
        result.Status.ShouldBe(AppendStatus.Transient);
        result.Error.ShouldNotBeNull().ShouldContain($"{10 * MiB} bytes are free, and {64 * MiB} have to stay so");
        open.Store.Reader.Messages(new LogQuery()).ShouldBe(["before"]);

        _disk = new DiskSpace(100 * GiB, 200 * GiB);
        _clock.Advance(TimeSpan.FromSeconds(1));
        open.Store.Appender.Append([batch]).ShouldBe(AppendResult.Committed);
    }

    [Fact]
    public void A_start_below_the_floor_answers_takes_nothing_and_takes_rows_again_when_there_is_room()
    {
        using var open = new OpenStore(_options, _clock);
        open.Append(new SomeRow { Message = "before" });
        _disk = new DiskSpace(0, 200 * GiB);
        open.Restart();

        open.Store.Reader.Messages(new LogQuery()).ShouldBe(["before"]);
        using var batch = Some.Batch(new SomeRow { Message = "later" });
        open.Store.Appender.Append([batch]).Status.ShouldBe(AppendStatus.Transient);

        _disk = new DiskSpace(100 * GiB, 200 * GiB);
        _clock.Advance(TimeSpan.FromSeconds(1));
        open.Store.Appender.Append([batch]).ShouldBe(AppendResult.Committed);
        open.Store.Reader.Messages(new LogQuery { Descending = false }).ShouldBe(["before", "later"], ignoreOrder: true);
    }

    [Fact]
    public void A_disk_that_cannot_be_asked_bounds_and_refuses_nothing_and_that_is_no_error()
    {
        _disk = null;
        using var open = new OpenStore(_options, _clock);
        open.Append(new SomeRow());
        open.Store.Lifecycle.Retain();
        open.Store.Lifecycle.Report().Space.ShouldBe(new SpaceReport(0, 0, 0));
        open.Log.Errors.ShouldBeEmpty();
        DiskSpace.Of(Path.Combine(open.Folder, "no", "such")).ShouldBeNull();
        DiskSpace.Of(open.Folder).ShouldNotBeNull().Total.ShouldBePositive();
    }

    [Fact]
    public async Task What_was_set_aside_counts_leaves_for_the_quota_and_for_its_age_and_never_takes_anothers_place()
    {
        _options.Retention.MaxBytes = 16 * MiB;
        using var open = await WithSegmentsAsync(1);
        var old = Path.Combine(open.Folder, "segment-000001.db.damaged");
        await File.WriteAllBytesAsync(old, new byte[3 * MiB]);
        File.SetLastWriteTimeUtc(old, _clock.GetUtcNow().UtcDateTime);
        await File.WriteAllTextAsync(old + "-wal", "x");
        open.Store.Lifecycle.Retain();
        open.Store.Lifecycle.Report().Aside.ShouldBe(new AsideReport(1, (3 * MiB) + 1));
        open.Store.Lifecycle.Report().Bytes.ShouldBe(open.Store.Catalog.Bytes + (3 * MiB) + 1);

        await File.WriteAllBytesAsync(old, new byte[16 * MiB]);
        open.Store.Lifecycle.Retain();
        Directory.GetFiles(open.Folder, "*damaged*").ShouldBeEmpty();

        var young = AsideFile.NewPath(Path.Combine(open.Folder, "segment-000001.db"), _clock.GetUtcNow());
        young.ShouldEndWith("segment-000001.db.20261123T120000Z.damaged");
        await File.WriteAllTextAsync(young, "x");
        AsideFile.NewPath(Path.Combine(open.Folder, "segment-000001.db"), _clock.GetUtcNow()).ShouldNotBe(young);
        File.SetLastWriteTimeUtc(young, _clock.GetUtcNow().UtcDateTime);
        for (var hour = 0; hour < 24 * 8; hour++)
        {
            _clock.Advance(TimeSpan.FromMinutes(59));
            open.Store.Lifecycle.Retain();
        }

        File.Exists(young).ShouldBeFalse("it is older than Retention:MaxAge");
    }

    [Fact]
    public void What_a_crash_left_of_deletions_goes_though_one_of_it_cannot()
    {
        using var open = new OpenStore(_options, _clock);
        Directory.CreateDirectory(Path.Combine(open.Folder, "segment-000006.db.deleted-is-a-folder"));
        string[] left = ["segment-000007.db.deleted", "segment-000007.db-wal", "segment-000008.db.deleted"];
        foreach (var name in left)
        {
            File.WriteAllText(Path.Combine(open.Folder, name), "half gone");
        }

        open.Restart();
        open.Store.Dispose();
        Directory.GetFiles(open.Folder).Select(Path.GetFileName).ShouldNotContain(name => left.Contains(name));
    }

    private async Task<OpenStore> WithSegmentsAsync(int sealedOnes)
    {
        var open = new OpenStore(_options, _clock);
        for (var i = 0; i < sealedOnes; i++)
        {
            open.Append(new SomeRow());
            open.Store.Appender.RollOver();
        }

        await open.IsSealedAsync();
        return open;
    }
}
