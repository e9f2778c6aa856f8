using Collector.Model;
using Collector.Storage;
using Collector.Storage.Folder;
using Collector.Storage.Sqlite;
using Collector.Storage.Sqlite.Rollup;
using Collector.Storage.Sqlite.Search;
using Collector.Storage.Sqlite.Segments;
using Collector.Tests.Support;

namespace Collector.Tests.Storage.Sqlite.Rollup;

/// <summary>Where a sealed segment is searched for rows of a kind.</summary>
public sealed class KindMinutesTests
{
    private const ulong Minute = 60_000_000_000;

    private static readonly LogQuery _exceptions = new() { Kind = Kind.Exception, Descending = true };

    [Fact]
    public async Task A_kind_is_looked_for_only_in_minutes_that_have_it()
    {
        using var open = await OpenAsync(new SqliteStoreOptions());
        Minutes(open, _exceptions).ShouldBe([70, 30, 20]);
        Minutes(open, _exceptions with { Descending = false }).ShouldBe([20, 30, 70]);
        Minutes(open, _exceptions with { Worker = "b" }).ShouldBe([30]);
        Minutes(open, _exceptions with { MinLevel = Level.Warn }).ShouldBe([70, 20]);
        Minutes(open, _exceptions with { MinLevel = Level.Error, From = Some.Noon + (21 * Minute) }).ShouldBe([70]);
        Minutes(open, _exceptions with { Kind = Kind.Span }).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_minute_is_cut_to_what_is_asked_for()
    {
        using var open = await OpenAsync(new SqliteStoreOptions());
        var (from, to) = (Some.Noon + (20 * Minute) + 5, Some.Noon + (30 * Minute) + 7);
        Ranges(open, _exceptions with { From = from, To = to }).ShouldBe([(to - 7, to), (from, from - 5 + Minute)]);
    }

    [Fact]
    public async Task Where_an_id_is_asked_for_or_no_figures_were_kept_all_is_one_range()
    {
        using var open = await OpenAsync(new SqliteStoreOptions());
        Ranges(open, _exceptions with { Kind = null }).ShouldBe([(0, ulong.MaxValue)]);
        Ranges(open, _exceptions with { CorrelationId = "c", To = 9 }).ShouldBe([(0, 9)]);

        using var without = await OpenAsync(new SqliteStoreOptions { MaxRollupCells = 1 });
        Ranges(without, _exceptions).ShouldBe([(0, ulong.MaxValue)]);
        without.Store.Reader.Ask(_exceptions with { Limit = 10 }, out _).Count.ShouldBe(3);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Rows_at_the_end_of_time_hide_no_others_of_their_kind(bool isDescending)
    {
        using var open = new OpenStore();
        for (var segment = 0; segment < 2; segment++)
        {
            // The later segment's rows come first in either order, once the earlier one's have filled the page.
            var begin = isDescending ? segment * 100 : 100 - (segment * 100);
            open.Append([
                .. Enumerable.Range(begin, 4).Select(static i => RowAt(i) with { Kind = Kind.Span, Message = $"{i}" }),
                new SomeRow { Nanos = ulong.MaxValue, Kind = Kind.Span }]);
            open.Store.Appender.RollOver();
        }

        await open.IsSealedAsync();
        open.Store.Reader.Messages(new LogQuery { Kind = Kind.Span, Descending = isDescending, Limit = 2 })
            .ShouldBe(isDescending ? ["103", "102"] : ["0", "1"]);
        open.Store.Reader.Ask(new LogQuery { Kind = Kind.Span, Descending = isDescending }).Count.ShouldBe(8);
    }

    private static async Task<OpenStore> OpenAsync(SqliteStoreOptions options)
    {
        var open = new OpenStore(options);
        open.Append([.. Enumerable.Range(0, 100).Select(static i => RowAt(i) with
        {
            Kind = i is 20 or 30 or 70 ? Kind.Exception : Kind.Log,
            Worker = i == 30 ? "b" : "a",
            Level = i switch { 20 => Level.Warn, 30 => Level.Info, _ => Level.Error },
        })]);
        open.Store.Appender.RollOver();
        await open.IsSealedAsync();
        return open;
    }

    private static SomeRow RowAt(int minute) => new() { Nanos = Some.Noon + ((ulong)minute * Minute) };

    private static IEnumerable<ulong> Minutes(OpenStore open, LogQuery query) =>
        Ranges(open, query).Select(static range => (range.From - Some.Noon) / Minute);

    private static List<(ulong From, ulong To)> Ranges(OpenStore open, LogQuery query)
    {
        using var session = new ReadSession(open.Store.Catalog, new SegmentSearches(), new IdHasher(ulong.MaxValue), SomeDamages.Of(open.Store.Catalog), CancellationToken.None);
        var reader = session.ReaderOf(session.Segments[0].Segment).ShouldNotBeNull();
        return [.. KindMinutes.Ranges(reader, new PageScope(query, session.Hasher))];
    }
}
