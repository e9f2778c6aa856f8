using Collector.Commands;
using Collector.Storage;
using Collector.Storage.Folder;
using Collector.Tests.Storage.Sqlite;
using Collector.Tests.Support;

namespace Collector.Tests.Storage.Folder;

/// <summary>SQL over the files of a store that another owner writes, seals and deletes.</summary>
public sealed class FolderQueryTests : IDisposable
{
    private static readonly TimeRange _all = new(0, ulong.MaxValue);

    private readonly OpenStore _open = new();

    public void Dispose() => _open.Dispose();

    [Fact]
    public async Task The_view_shows_the_rows_of_all_segments_sealed_or_not_with_their_own_resources()
    {
        const string query = "SELECT message || coalesce(resource_json, '') FROM tail_logs ORDER BY timestamp";
        string[] expected = ["""a{"n":1}""", """c{"n":2}""", "d", """b{"n":2}"""];
        _open.Append(
            new SomeRow { Message = "a", Nanos = 1, Resource = """{"n":1}""" },
            new SomeRow { Message = "b", Nanos = 5, Resource = """{"n":2}""" });
        Ask(query, _all).ShouldBe([expected[0], expected[3]]);
        _open.Store.Appender.RollOver();
        await _open.IsSealedAsync();
        _open.Append(
            new SomeRow { Message = "c", Nanos = 3, Resource = """{"n":2}""" },
            new SomeRow { Message = "d", Nanos = 4 });

        Ask(query, _all).ShouldBe(expected);
        Ask(query, new TimeRange(3, 5)).ShouldBe(expected[1..3]);
        _open.Store.Dispose();
        Ask(query, _all).ShouldBe(expected);
    }

    [Fact]
    public async Task Only_segments_with_rows_in_the_range_count()
    {
        for (var i = 0UL; i < 4; i++)
        {
            _open.Append(new SomeRow { Nanos = 10 * i }, new SomeRow { Nanos = (10 * i) + 5 });
            _open.Store.Appender.RollOver();
        }

        await _open.IsSealedAsync();
        Matching(_all).ShouldBe(4);
        Matching(new TimeRange(10, 16)).ShouldBe(1);
        Matching(new TimeRange(6, 10)).ShouldBe(0);
        Ask("SELECT count(*) FROM tail_logs", new TimeRange(6, 10)).ShouldBe(["0"]);
    }

    [Theory]
    [InlineData("DELETE FROM tail_logs")]
    [InlineData("DELETE FROM segment1.tail_logs")]
    [InlineData("ATTACH 'other.db' AS other")]
    [InlineData("VACUUM segment1 INTO 'copy.db'")]
    [InlineData("PRAGMA query_only = OFF")]
    [InlineData("CREATE TEMP TABLE t (x)")]
    [InlineData("SELECT 1; SELECT 2")]
    [InlineData("-- nothing")]
    [InlineData("")]
    [InlineData("SELECT nothing FROM tail_logs")]
    public void What_is_no_single_question_is_refused(string sql)
    {
        _open.Append(new SomeRow());
        Should.Throw<QueryException>(() => Ask(sql, _all));
        _open.Store.Reader.Ask(new LogQuery()).Count.ShouldBe(1);
    }

    [Fact]
    public void Columns_of_one_name_are_told_apart_and_types_are_kept()
    {
        _open.Append(new SomeRow());
        using var query = FolderQuery.Open(SegmentSource.In(_open.Folder), _all);
        using var answer = query.Ask("SELECT 1 AS x, 2.5 AS x, NULL AS y, x'00ff' AS x, '' AS z /* no more */; -- end");

        answer.Columns.ShouldBe(["x", "x_2", "y", "x_3", "z"]);
        answer.TryNext(out var row).ShouldBeTrue();
        row.ShouldBe([1L, 2.5, null, new byte[] { 0, 255 }, ""]);
        answer.TryNext(out _).ShouldBeFalse();
    }

    [Fact]
    public async Task A_segment_that_is_deleted_or_written_to_meanwhile_is_told()
    {
        _open.Append(new SomeRow());
        _open.Store.Appender.RollOver();
        await _open.IsSealedAsync();
        _open.Append(new SomeRow());
        _open.Store.Dispose();
        using var query = FolderQuery.Open(SegmentSource.In(_open.Folder), _all);
        query.Disturbed.ShouldBeEmpty();

        File.Delete(Path.Combine(_open.Folder, "segment-000001.db"));
        File.WriteAllText(Path.Combine(_open.Folder, "segment-000002.db-wal"), "");

        query.Disturbed.Select(Path.GetFileName).ShouldBe(["segment-000001.db", "segment-000002.db"]);
    }

    [Fact]
    public async Task Reading_leaves_nothing_behind()
    {
        _open.Append(new SomeRow());
        _open.Store.Appender.RollOver();
        await _open.IsSealedAsync();
        _open.Append(new SomeRow());
        _open.Store.Dispose();
        var before = Directory.GetFiles(_open.Folder).Order(StringComparer.Ordinal).ToArray();

        Ask("SELECT count(*) FROM tail_logs", _all).ShouldBe(["2"]);

        Directory.GetFiles(_open.Folder).Order(StringComparer.Ordinal).ShouldBe(before);
    }

    [Fact]
    public void A_damaged_segment_is_an_error_and_not_an_absence_of_rows()
    {
        _open.Append(new SomeRow());
        _open.Store.Dispose();
        File.WriteAllText(Path.Combine(_open.Folder, "segment-000007.db"), new string('x', 4096));

        Should.Throw<StoreUnavailableException>(() => Matching(_all)).Message.ShouldContain("segment-000007.db");
    }

    [Fact]
    public async Task A_question_goes_along_the_indexes_of_each_sealed_segment()
    {
        for (var i = 0; i < 3; i++)
        {
            _open.Append(new SomeRow());
            _open.Store.Appender.RollOver();
        }

        await _open.IsSealedAsync();
        var plan = Ask("EXPLAIN QUERY PLAN SELECT message FROM tail_logs WHERE correlation_id = 'x' ORDER BY timestamp", _all, column: 3);

        plan.Count(static line => line.StartsWith("SEARCH l USING INDEX tail_logs_correlation", StringComparison.Ordinal)).ShouldBe(3, string.Join('\n', plan));
    }

    private int Matching(TimeRange range) => SegmentSource.In(_open.Folder).Count(segment => segment.HasRowsIn(range));

    private List<string> Ask(string sql, TimeRange range, int column = 0)
    {
        var segments = SegmentSource.In(_open.Folder).Where(segment => segment.HasRowsIn(range)).ToArray();
        using var query = FolderQuery.Open(segments, range);
        using var answer = query.Ask(sql);
        var found = new List<string>();
        while (answer.TryNext(out var row))
        {
            found.Add($"{row[column]}");
        }

        return found;
    }
}
