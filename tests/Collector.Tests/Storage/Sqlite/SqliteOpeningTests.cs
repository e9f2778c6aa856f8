using Collector.Storage;
using Collector.Storage.Sqlite;
using Collector.Storage.Sqlite.Segments;
using Collector.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Collector.Tests.Storage.Sqlite;

/// <summary>What is found at the start, and what is said of it.</summary>
public sealed class SqliteOpeningTests : IDisposable
{
    private readonly OpenStore _open = new();

    public void Dispose() => _open.Dispose();

    [Fact]
    public void A_second_store_on_the_folder_is_refused_and_names_the_process()
    {
        var second = _open.OpenSecond();
        second.Problem.ShouldBe(StoreProblem.Locked);
        second.Error!.ShouldContain($"process {Environment.ProcessId}");
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_an_error_not_an_exception()
    {
        Open(Path.Combine(_open.HotFile, "below-a-file")).Problem.ShouldBe(StoreProblem.Inaccessible);
    }

    [Fact]
    public void A_file_that_is_no_database_is_set_aside_with_an_error_that_names_it_and_a_new_one_begun()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("segment-000003.db"), new byte[4096].Select(static (_, i) => (byte)i).ToArray());

        using var store = Open(folder.Path).Store.ShouldNotBeNull();

        Directory.GetFiles(folder.Path, "segment-000003.db.*.damaged").ShouldHaveSingleItem();
        File.Exists(folder.File("segment-000004.db")).ShouldBeTrue("numbers are never used again");
    }

    [Fact]
    public void A_segment_whose_creation_was_cut_short_is_completed()
    {
        using var folder = new TemporaryFolder();
        File.Create(folder.File("segment-000001.db")).Dispose();
        using var store = Open(folder.Path).Store;
        using var batch = Some.Batch(new SomeRow());
        store.ShouldNotBeNull().Appender.Append([batch]).ShouldBe(AppendResult.Committed);
    }

    [Fact]
    public async Task A_hot_file_damaged_inside_is_left_at_the_next_append_and_what_can_be_read_of_it_is_saved()
    {
        _open.Append(new SomeRow { Message = "in the first" });
        _open.Restart(beginSegment: true);
        _open.Append([.. Enumerable.Range(0, 2_000).Select(static _ => new SomeRow { Context = new string('x', 400) })]);
        _open.Store.Dispose();
        using (var file = new FileStream(_open.HotFile, FileMode.Open))
        {
            // Past the tables' roots and before the last pages, which a start reads.
            file.Position = file.Length / 4;
            file.Write(new byte[file.Length / 2]);
        }

        var damaged = _open.HotFile;
        _open.Restart();
        await _open.Store.Reader.Ready;
        var before = _open.Store.Reader.Ask(new LogQuery { Limit = 10_000 }).Count;
        before.ShouldBeInRange(2, 2_000);
        _open.Log.Errors.ShouldHaveSingleItem().ShouldContain(damaged);

        using var batch = Some.Batch(new SomeRow { Message = "later" });
        _open.Store.Appender.Append([batch]).ShouldBe(AppendResult.Committed);
        await _open.IsSealedAsync();
        Directory.GetFiles(_open.Folder, Path.GetFileName(damaged) + ".*.damaged").ShouldHaveSingleItem();
        var lost = _open.Store.Appender.TakeLosses().SelectMany(static loss => loss.Gaps).Sum(static gap => gap.Count);
        var found = _open.Store.Reader.Ask(new LogQuery { Limit = 10_000 }).Count;
        (found + lost).ShouldBe(2_002);
        found.ShouldBe(before + 1);
    }

    private static StoreOpening Open(string path) =>
        SqliteStore.Open(new SqliteStoreOptions { Path = path }, otherBytes: null, NullLogger.Instance, new NoonClock());
}
