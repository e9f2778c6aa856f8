using Collector.Model;
using Collector.Storage;
using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Segments;
using Collector.Tests.Support;

namespace Collector.Tests.Storage.Sqlite;

/// <summary>Accounts and streams outlive the segments that they were kept in, also where the roll-over was cut short.</summary>
public sealed class CarriedAccountsTests : IDisposable
{
    private readonly SqliteStoreOptions _options = new();
    private readonly TemporaryFolder _killed = new();
    private readonly OpenStore _open;

    public CarriedAccountsTests() => _open = new OpenStore(_options);

    public static TheoryData<string> Steps =>
    [
        "an empty file", "a file in WAL mode", "a WAL without its file's tables", "a WAL that is not committed", "a WAL cut before its commit", "a journal", "all",
    ];

    public void Dispose()
    {
        _open.Dispose();
        _killed.Dispose();
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_kill_at_any_step_of_a_roll_over_loses_no_account_and_no_stream(string step)
    {
        Keep("idle", "stream-1");
        var beforeCommit = "";
        _options.Creating = path => beforeCommit = CopyFolder("before", path);
        _open.Store.Appender.RollOver();
        _options.Creating = null;
        var folder = step == "all" ? CopyFolder("after", _open.HotFile) : beforeCommit;
        CutShort(step, Path.Combine(folder, "segment-000002.db"));

        using var open = new OpenStore(new SqliteStoreOptions(), folderToCopy: folder);
        Recalled(open).ShouldBe("idle stream-1");
        open.Log.Errors.ShouldBeEmpty();

        // Once more, and the first ones leave.
        open.Append(new SomeRow());
        open.Store.Appender.RollOver();
        open.Append(new SomeRow());
        await open.IsSealedAsync();
        open.Store.Dispose();
        foreach (var segment in open.Store.Catalog.Segments.SkipLast(1))
        {
            SegmentFile.TryDelete(segment.Path).ShouldBeTrue();
        }

        open.Restart();
        Recalled(open).ShouldBe("idle stream-1");
    }

    [Fact]
    public void Accounts_that_cannot_be_read_are_those_of_the_segment_before_and_that_is_said()
    {
        Keep("idle", "stream-1");
        _open.Store.Appender.RollOver();
        Keep("busy", "stream-2");
        var newest = _open.HotFile;
        _open.Store.Dispose();
        SpoilTable(newest, "tail_ledger");

        _open.Restart();

        Recalled(_open).ShouldBe("idle stream-1");
        _open.Log.Errors.ShouldContain(e => e.Contains(newest, StringComparison.Ordinal));
        _open.Store.Catalog.Unreadable.ShouldHaveSingleItem().Name.ShouldBe("segment-000002.db");
    }

    [Fact]
    public void Older_accounts_do_not_count_where_the_newest_can_be_read_whatever_their_pages_look_like()
    {
        Keep("idle", "stream-1");
        _open.Store.Appender.RollOver();
        var older = _open.Store.Catalog.Segments[0].Path;
        _open.Store.Dispose();
        SpoilTable(older, "tail_ledger");
        SpoilTable(older, "tail_streams");

        _open.Restart();

        Recalled(_open).ShouldBe("idle stream-1");
        _open.Log.Errors.ShouldBeEmpty();
    }

    [Fact]
    public void A_segment_begun_behind_one_with_broken_accounts_takes_over_those_before()
    {
        Keep("idle", "stream-1");
        _open.Store.Appender.RollOver();
        var newest = _open.HotFile;
        _open.Store.Dispose();
        SpoilTable(newest, "tail_ledger");
        _open.Restart();

        _open.Append(new SomeRow());
        _open.Store.Appender.RollOver();

        _open.Restart();
        Recalled(_open).ShouldBe("idle stream-1");
    }

    private static string Recalled(OpenStore open)
    {
        var memory = open.Store.Appender.Recall(0, 0);
        return string.Join(' ', memory.Accounts.Select(static a => a.WorkerName).Concat(memory.Streams.Select(static s => s.StreamId)));
    }

    private void Keep(string worker, string stream)
    {
        using var batch = Some.Batch(new SomeRow { Worker = worker });
        var group = new AppendGroup { Accounts = [new AccountRecord(worker, "{}")], Streams = [new StreamMark(stream, 9, [], Some.Noon)] };
        group.Batches.Add(batch);
        _open.Store.Appender.Append(group).ShouldBe(AppendResult.Committed);
    }

    // What a kill would leave: the files as the system has them.
    private string CopyFolder(string name, string path)
    {
        var target = Directory.CreateDirectory(_killed.File(name)).FullName;
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(path)!, "segment-*"))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }

        return target;
    }

    private static void CutShort(string step, string path)
    {
        switch (step)
        {
            case "an empty file":
                SegmentFile.TryDelete(path);
                File.WriteAllBytes(path, []);
                break;
            case "a file in WAL mode":
                File.Delete(path + "-wal");
                File.Delete(path + "-shm");
                break;
            case "a WAL without its file's tables":
                File.WriteAllBytes(path + "-wal", []);
                break;
            case "a WAL cut before its commit":
                using (var wal = File.OpenWrite(path + "-wal"))
                {
                    wal.SetLength(wal.Length / 2);
                }

                break;
            case "a journal":
                SegmentFile.TryDelete(path);
                File.WriteAllBytes(path, []);
                File.WriteAllBytes(path + "-journal", new byte[512]);
                break;
        }
    }

    private static void SpoilTable(string path, string table)
    {
        long page;
        using (var connection = Connections.OpenExistingWriter(path))
        {
            using var root = connection.Prepare("SELECT rootpage FROM sqlite_schema WHERE name = ?1");
            root.Bind(1, table);
            root.Read().ShouldBeTrue();
            page = root.Integer(0);
        }

        using var file = File.OpenWrite(path);
        file.Position = (page - 1) * SegmentWriter.PageSize;
        file.Write([.. Enumerable.Repeat((byte)0xA5, SegmentWriter.PageSize)]);
    }
}
