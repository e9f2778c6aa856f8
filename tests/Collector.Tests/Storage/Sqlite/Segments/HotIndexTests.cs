using System.Text;
using Collector.Model;
using Collector.Storage.Sqlite.Rollup;
using Collector.Storage.Sqlite.Search;
using Collector.Storage.Sqlite.Segments;
using Collector.Tests.Support;

namespace Collector.Tests.Storage.Sqlite.Segments;

public sealed class HotIndexTests
{
    private const int Rows = (3 * HotBlock.Capacity) + 17;

    private readonly IdHasher _hasher = new();

    [Fact]
    public void Chains_run_through_all_blocks_newest_first_and_stop_at_the_watermark()
    {
        var index = Fill(static i => $"c{i % 1000}");

        index.CorrelationCandidates(_hasher.Of("c7"u8), index.Count)
            .ShouldBe(Enumerable.Range(0, Rows).Where(static i => i % 1000 == 7).Reverse().Select(static i => i + 1L));
        index.CorrelationCandidates(_hasher.Of("c7"u8), 1_008).ShouldBe([1_008, 8]);
        index.CorrelationCandidates(_hasher.Of("c7"u8), 0).ShouldBeEmpty();
    }

    [Fact]
    public void Rows_are_seen_when_they_are_published_and_not_before()
    {
        var index = new HotIndex(1, _hasher);
        index.Add(5, Level.Info, Kind.Log, "w"u8, "c"u8, 9);
        index.Count.ShouldBe(0);
        Newest(index, index.Count).ShouldBeEmpty();
        index.Publish();
        Newest(index, index.Count).ShouldBe([1]);
    }

    [Fact]
    public void A_page_of_the_newest_comes_out_of_rows_in_any_order()
    {
        var index = new HotIndex(1, _hasher);
        var random = new Random(7);
        var times = Enumerable.Range(0, Rows).Select(_ => (ulong)random.Next(1_000)).ToArray();
        foreach (var time in times)
        {
            index.Add(time, Level.Info, Kind.Log, "w"u8, "c"u8, UInt128.Zero);
        }

        index.Publish();
        var expected = Enumerable.Range(0, Rows).OrderByDescending(i => times[i]).ThenByDescending(static i => i);
        Newest(index, index.Count).ShouldBe(expected.Take(50).Select(static i => i + 1L));
    }

    [Fact]
    public void Of_every_level_and_kind_only_the_rows_that_were_asked_for_are_candidates()
    {
        var index = new HotIndex(1, _hasher);
        var marks = Enum.GetValues<Level>().SelectMany(static level => Enum.GetValues<Kind>().Select(kind => (level, kind))).ToList();
        foreach (var (level, kind) in marks)
        {
            index.Add(1, level, kind, "w"u8, "c"u8, UInt128.Zero);
        }

        index.Publish();
        foreach (var (minLevel, wanted) in marks)
        {
            var page = new TopK(50, enough: 50, descending: false, after: null);
            var filter = new HotFilter { To = ulong.MaxValue, LastRow = index.Count, MinLevel = minLevel, Kind = wanted };
            index.Collect(filter, page, CancellationToken.None);
            page.Drain().Select(p => marks[(int)p.Arrival.Row - 1]).ShouldBe(marks.Where(m => m.level >= minLevel && m.kind == wanted));
        }
    }

    [Fact]
    public void Workers_beyond_the_bound_are_unknown_and_the_others_stay_known()
    {
        var names = new WorkerNames(maxNames: 2);
        names.Intern("a"u8).ShouldBe((ushort)1);
        names.Intern("b"u8).ShouldBe((ushort)2);
        names.Intern("c"u8).ShouldBe(WorkerNames.Unknown);
        names.Intern("b"u8).ShouldBe((ushort)2);
        names.Intern(new byte[300]).ShouldBe(WorkerNames.Unknown);
        names.NumberOf("a"u8).ShouldBe((ushort)1);
        names.NumberOf("c"u8).ShouldBe(WorkerNames.Unknown);
    }

    [Fact]
    public void Rows_committed_during_a_rebuild_are_left_to_it_and_later_ones_are_added_by_the_writer()
    {
        var index = new HotIndex(1, _hasher);
        var feed = new HotIndexWriter(index, new HotRollup(100), committed: 1);
        using var batch = Some.Batch(new SomeRow(), new SomeRow());

        feed.TryGoLive(out var committed).ShouldBeFalse();
        committed.ShouldBe(1);
        feed.Committed([batch], 2);
        index.Count.ShouldBe(0);

        Rebuild(index, 1);
        feed.TryGoLive(out committed).ShouldBeFalse();
        committed.ShouldBe(3);
        Rebuild(index, 2);
        feed.TryGoLive(out _).ShouldBeTrue();

        feed.Committed([batch], 2);
        index.Count.ShouldBe(5);
        feed.CommittedRows.ShouldBe(5);
    }

    private static void Rebuild(HotIndex index, int rows)
    {
        for (var i = 0; i < rows; i++)
        {
            index.Add(1, Level.Info, Kind.Log, "w"u8, "c"u8, UInt128.Zero);
        }

        index.Publish();
    }

    private HotIndex Fill(Func<int, string> correlation)
    {
        var index = new HotIndex(1, _hasher);
        for (var i = 0; i < Rows; i++)
        {
            index.Add((ulong)i, Level.Info, Kind.Log, "w"u8, Encoding.UTF8.GetBytes(correlation(i)), UInt128.Zero);
        }

        index.Publish();
        return index;
    }

    private static IEnumerable<long> Newest(HotIndex index, long lastRow)
    {
        var page = new TopK(50, enough: 50, descending: true, after: null);
        index.Collect(new HotFilter { To = ulong.MaxValue, LastRow = lastRow }, page, CancellationToken.None);
        return page.Drain().Select(static p => p.Arrival.Row);
    }
}
