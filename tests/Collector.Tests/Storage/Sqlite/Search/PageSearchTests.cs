using Collector.Model;
using Collector.Storage;
using Collector.Storage.Folder;
using Collector.Storage.Sqlite.Search;
using Collector.Tests.Support;

namespace Collector.Tests.Storage.Sqlite.Search;

/// <summary>Questions of which no index can tell what matches: many candidates are read for few rows.</summary>
public sealed class PageSearchTests
{
    private const int Rows = 60_000;
    private const int Each = 11_000;

    [Fact]
    public void Candidates_held_at_once_double_up_to_a_bound_or_to_what_is_asked_for()
    {
        Largest(limit: 100).ShouldBe(16_384);
        Largest(limit: 1_000).ShouldBe(16_384);
        Largest(limit: 20_000).ShouldBe(20_001);
        PageSearch.NextSize(101, limit: 100).ShouldBe(202);
        PageSearch.NextSize(int.MaxValue + 1L, int.MaxValue).ShouldBe(int.MaxValue + 1L);
    }

    [Fact]
    public async Task Rare_matches_are_found_in_order_among_more_candidates_than_are_held_at_once()
    {
        using var open = new OpenStore();
        open.Append([.. Enumerable.Range(0, Rows).Select(static i => new SomeRow
        {
            Message = $"{i}",
            Nanos = Some.Noon + (ulong)(i / 3),
            WallMs = i % Each == Each - 1 ? 500 : 5,
        })]);
        IsFound(open);
        open.Store.Appender.RollOver();
        await open.IsSealedAsync();
        IsFound(open);
    }

    private static void IsFound(OpenStore open)
    {
        var slow = new LogQuery { WallTime = [new NumberCondition(Comparison.Greater, 100)], Limit = 3, Descending = false };
        var oldest = open.Store.Reader.Ask(slow, out var end);
        oldest.Select(static row => row.Message).ShouldBe(["10999", "21999", "32999"]);
        end.More.ShouldBeTrue();
        open.Store.Reader.Messages(slow with { After = end.Last }).ShouldBe(["43999", "54999"]);
        open.Store.Reader.Messages(slow with { Descending = true, Limit = 9 }).ShouldBe(["54999", "43999", "32999", "21999", "10999"]);
    }

    private static long Largest(int limit)
    {
        var size = limit + 1L;
        for (var page = 0; page < 40; page++)
        {
            size = PageSearch.NextSize(size, limit);
        }

        return size;
    }
}
