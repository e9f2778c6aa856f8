using Collector.Model;
using Collector.Storage;
using Collector.Storage.Folder;
using Collector.Storage.Sqlite.Driver;
using Collector.Tests.Storage.Sqlite;
using Collector.Tests.Support;

namespace Collector.Tests.Storage.Folder;

public sealed class FolderExportTests : IDisposable
{
    private static readonly TimeRange _all = new(0, ulong.MaxValue);

    private readonly OpenStore _open = new();
    private readonly TemporaryFolder _out = new();

    private string Target => _out.File("export.db");

    public void Dispose()
    {
        _open.Dispose();
        _out.Dispose();
    }

    [Fact]
    public async Task Segments_become_one_file_in_order_of_arrival_with_their_resources_under_new_numbers()
    {
        await FillAsync();

        var done = Export(_all);

        (done.Rows, done.Gaps, done.Vanished.Count).ShouldBe((5, 1, 0));
        done.Bytes.ShouldBe(new FileInfo(Target).Length);
        Read("SELECT message || coalesce(resource_json, '') FROM tail_logs LEFT JOIN tail_resources USING (resource_id) ORDER BY tail_logs.rowid")
            .ShouldBe(["""late{"n":1}""", """b{"n":2}""", """c{"n":2}""", "d", """e{"n":3}"""]);
        Read("SELECT resource_json FROM tail_resources ORDER BY 1").ShouldBe(["""{"n":1}""", """{"n":2}""", """{"n":3}"""]);
        Read("SELECT worker_name || row_count || reason FROM tail_gaps").ShouldBe(["w7full"]);
        Read("PRAGMA integrity_check").ShouldBe(["ok"]);
        Directory.GetFiles(_out.Path).ShouldBe([Target]);
    }

    [Fact]
    public async Task A_range_takes_its_rows_the_resources_they_use_and_the_gaps_that_touch_it()
    {
        await FillAsync();

        Export(new TimeRange(2, 4)).Rows.ShouldBe(2);

        Read("SELECT message FROM tail_logs ORDER BY timestamp").ShouldBe(["b", "c"]);
        Read("SELECT resource_json FROM tail_resources").ShouldBe(["""{"n":2}"""]);
        Read("SELECT count(*) FROM tail_gaps").ShouldBe(["0"]);
    }

    [Fact]
    public void The_file_has_the_indexes_of_a_sealed_segment()
    {
        _open.Append(new SomeRow());
        Export(_all);

        Read("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL").Count.ShouldBe(Sql.Indexes.Count);
    }

    [Fact]
    public void A_file_that_is_there_stays_as_it_is()
    {
        _open.Append(new SomeRow());
        File.WriteAllText(Target, "mine");

        Should.Throw<IOException>(() => Export(_all)).Message.ShouldContain("never overwrites");

        File.ReadAllText(Target).ShouldBe("mine");
        Directory.GetFiles(_out.Path).ShouldBe([Target]);
    }

    [Fact]
    public void The_part_of_another_export_is_left_alone()
    {
        _open.Append(new SomeRow());
        File.WriteAllText(Target + FolderExport.PartSuffix, "somebody's");

        Should.Throw<IOException>(() => Export(_all)).Message.ShouldContain(".part is there");

        File.ReadAllText(Target + FolderExport.PartSuffix).ShouldBe("somebody's");
        File.Exists(Target).ShouldBeFalse();
    }

    [Fact]
    public void An_export_that_is_cancelled_leaves_no_file()
    {
        _open.Append(new SomeRow());

        Should.Throw<OperationCanceledException>(() => Export(_all, new CancellationToken(canceled: true)));

        Directory.GetFiles(_out.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_segment_that_retention_deleted_meanwhile_is_told_and_the_others_are_there()
    {
        await FillAsync();
        var export = new FolderExport(SegmentSource.In(_open.Folder), _all);
        _open.Store.Dispose();
        File.Delete(Path.Combine(_open.Folder, "segment-000001.db"));

        var done = export.Run(Target, CancellationToken.None);

        done.Vanished.Select(Path.GetFileName).ShouldBe(["segment-000001.db"]);
        Read("SELECT message FROM tail_logs ORDER BY rowid").ShouldBe(["c", "d", "e"]);
    }

    // As retention does it: renamed, then cut off. Whenever it comes, the segment is there whole or not at all.
    [Fact]
    public async Task A_segment_that_is_deleted_in_the_middle_of_being_copied_is_taken_back_whole()
    {
        const int rows = 20_000;
        for (var round = 0; round < 5; round++)
        {
            using var open = new OpenStore();
            open.Append([.. Enumerable.Range(0, rows).Select(static i => new SomeRow { Message = new string('m', 200) + i })]);
            open.Store.Appender.RollOver();
            await open.IsSealedAsync();
            open.Append(new SomeRow());
            var target = _out.File($"{round}.db");
            var export = new FolderExport(SegmentSource.In(open.Folder), _all);

            var exporting = Task.Run(() => export.Run(target, CancellationToken.None));
            await Eventually.IsSoAsync(() => File.Exists(target + FolderExport.PartSuffix) || exporting.IsCompleted, () => "begun");
            var file = Path.Combine(open.Folder, "segment-000001.db");
            File.Move(file, file + ".deleted");
            using (var cut = new FileStream(file + ".deleted", FileMode.Open, FileAccess.Write))
            {
                cut.SetLength(8192);
            }

            var done = await exporting;
            done.Rows.ShouldBe(done.Vanished.Count == 1 ? 1 : rows + 1);
        }
    }

    // Three segments: sealed, sealed, and hot; the same resource has another number in each.
    private async Task FillAsync()
    {
        _open.Append(new SomeRow { Message = "late", Nanos = 9, Resource = """{"n":1}""" }, new SomeRow { Message = "b", Nanos = 2, Resource = """{"n":2}""" });
        _open.Store.Appender.Append(new AppendGroup { Gaps = [new Gap("w", 20, 30, 7, "full")] }).ShouldBe(AppendResult.Committed);
        _open.Store.Appender.RollOver();
        _open.Append(new SomeRow { Message = "c", Nanos = 3, Resource = """{"n":2}""" });
        _open.Store.Appender.RollOver();
        await _open.IsSealedAsync();
        _open.Append(new SomeRow { Message = "d", Nanos = 4 }, new SomeRow { Message = "e", Nanos = 5, Resource = """{"n":3}""" });
    }

    private Exported Export(TimeRange range, CancellationToken cancellation = default) =>
        new FolderExport(SegmentSource.In(_open.Folder), range).Run(Target, cancellation);

    private List<string> Read(string sql)
    {
        using var connection = Connections.OpenReader(Target);
        using var rows = connection.Prepare(sql);
        var found = new List<string>();
        while (rows.Step() == SQLitePCL.raw.SQLITE_ROW)
        {
            found.Add(rows.String(0));
        }

        return found;
    }
}
