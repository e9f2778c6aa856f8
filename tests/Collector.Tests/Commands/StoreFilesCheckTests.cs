using System.Text.Json;
using Collector.Storage.Sqlite.Driver;
using Collector.Tests.Storage.Folder;
using Collector.Tests.Storage.Sqlite;
using Collector.Tests.Support;

namespace Collector.Tests.Commands;

/// <summary><c>collector doctor --store</c>: each kind of damage is found, and what is no damage is not called so.</summary>
public sealed class StoreFilesCheckTests : IAsyncLifetime
{
    private const int Page = 8192;

    private readonly OpenStore _open = new();

    public Task InitializeAsync() => FolderBackupTests.FillAsync(_open);

    public Task DisposeAsync()
    {
        _open.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_whole_folder_is_told_file_by_file_while_its_store_is_open()
    {
        var result = await CheckAsync();

        result.ExitCode.ShouldBe(0, result.Output);
        Findings(result).ShouldBe(
        [
            ("ok", "segment-000001.db: sealed, 2 rows, every page is right"),
            ("ok", "segment-000002.db: sealed, 1 rows, every page is right"),
            ("ok", "segment-000003.db: not sealed yet, 2 rows, every page is right"),
            ("ok", "spool/spool.db: every page is right (" + SpoolBytes() + " bytes)"),
            ("ok", "ledger: balanced: 5 received: 5 stored; 5 rows are here"),
        ]);
    }

    [Fact]
    public async Task Nothing_is_written_and_a_closed_folder_stays_as_it_is()
    {
        _open.Store.Dispose();
        var before = Entries();

        (await CheckAsync()).ExitCode.ShouldBe(0);

        Entries().ShouldBe(before);
    }

    [Theory]
    [InlineData("segment-000001.db", 0)]
    [InlineData("segment-000001.db", 2)]
    [InlineData("segment-000003.db", 1)]
    [InlineData("segment-000003.db", 3)]
    [InlineData("spool/spool.db", 1)]
    public async Task A_page_that_was_overwritten_is_found(string file, int page)
    {
        _open.Store.Dispose();
        using (var stream = new FileStream(PathOf(file), FileMode.Open))
        {
            stream.Position = page * Page;
            stream.Write([.. Enumerable.Repeat((byte)0xA5, Page)]);
        }

        await FailsAsync(file, page == 0 ? "is not a SQLite file" : "");
    }

    [Fact]
    public async Task A_file_that_was_cut_off_is_found()
    {
        _open.Store.Dispose();
        using (var stream = new FileStream(PathOf("segment-000002.db"), FileMode.Open))
        {
            stream.SetLength(stream.Length - Page);
        }

        await FailsAsync("segment-000002.db", "is damaged");
    }

    [Fact]
    public async Task What_is_no_segment_is_told_from_a_damaged_one()
    {
        _open.Store.Dispose();
        File.Copy(PathOf("segment-000001.db"), PathOf("segment-000007.db"));
        await FailsAsync("segment-000007.db", "it is a copy of segment 1 under another number");

        File.Delete(PathOf("segment-000007.db"));
        using (var foreign = Connections.OpenWriter(PathOf("segment-000007.db")))
        {
            foreign.Execute("CREATE TABLE recipes (name TEXT)");
        }

        await FailsAsync("segment-000007.db", "not a segment of Collector's");

        File.Delete(PathOf("segment-000007.db"));
        await File.WriteAllTextAsync(PathOf("segment-000007.db"), new string('x', Page));
        await FailsAsync("segment-000007.db", "is not a SQLite file");
    }

    [Fact]
    public async Task A_newer_format_is_called_so()
    {
        _open.Store.Dispose();
        using (var file = Connections.OpenExistingWriter(PathOf("segment-000002.db")))
        {
            file.Execute("UPDATE segment_meta SET format = 99");
        }

        await FailsAsync("segment-000002.db", "written by a newer Collector");
    }

    [Fact]
    public async Task A_file_that_was_never_written_to_and_one_that_was_set_aside_are_told_and_are_no_fault()
    {
        _open.Store.Dispose();
        await File.WriteAllBytesAsync(PathOf("segment-000004.db"), []);
        await File.WriteAllTextAsync(PathOf("segment-000005.db.damaged"), "x");
        await File.WriteAllTextAsync(PathOf("segment-000006.db-wal"), "xy");

        var result = await CheckAsync();

        result.ExitCode.ShouldBe(0, result.Output);
        Findings(result).Where(static finding => finding.Verdict == "warn").Select(static finding => finding.Text).ShouldBe(
        [
            "segment-000004.db holds nothing: its creation was cut short",
            "segment-000005.db.damaged was set aside (1 bytes): no answer reads it; what could be saved of it was",
            "segment-000006.db-wal was set aside (2 bytes): no answer reads it; what could be saved of it was",
        ]);
    }

    [Fact]
    public async Task Rows_and_accounts_that_do_not_fit_are_a_fault()
    {
        _open.Store.Dispose();
        using (var file = Connections.OpenExistingWriter(PathOf("segment-000003.db")))
        {
            file.Execute("""UPDATE tail_ledger SET account_json = '{"stored":4,"duplicate":0,"rejected":0,"refused":0,"dropped":0}'""");
        }

        await FailsAsync("ledger", "more rows are here than were ever stored");

        using (var file = Connections.OpenExistingWriter(PathOf("segment-000003.db")))
        {
            file.Execute("""UPDATE tail_ledger SET account_json = '{"stored":5,"dropped":-5}'""");
        }

        await FailsAsync("ledger", "the account of worker-a can't be right");
    }

    [Fact]
    public async Task Rows_that_were_taken_out_by_hand_are_told()
    {
        _open.Store.Dispose();
        using (var file = Connections.OpenExistingWriter(PathOf("segment-000001.db")))
        {
            file.Execute("DELETE FROM tail_logs WHERE rowid = 1");
        }

        var result = await CheckAsync();

        result.ExitCode.ShouldBe(0);
        result.Output.ShouldContain("sealed, 1 rows; 1 others were taken out of it");
    }

    [Fact]
    public async Task A_folder_without_segments_is_an_error_that_says_so()
    {
        var result = await CollectorCommand.CallAsync("doctor", "--store", "/nowhere");

        result.ExitCode.ShouldBe(1);
        result.Errors.ShouldContain("There are no segments in /nowhere");
    }

    private static List<(string Verdict, string Text)> Findings(CommandResult result) =>
    [
        .. result.Lines.Select(static line => JsonDocument.Parse(line).RootElement)
            .Select(static finding => (finding.GetProperty("verdict").GetString()!, finding.GetProperty("text").GetString()!)),
    ];

    private string PathOf(string file) => Path.Combine(_open.Folder, file);

    private long SpoolBytes() => new FileInfo(PathOf("spool/spool.db")).Length;

    private List<(string, long)> Entries() =>
        [.. new DirectoryInfo(_open.Folder).EnumerateFiles("*", SearchOption.AllDirectories).Select(static file => (file.FullName, file.Length)).Order()];

    private Task<CommandResult> CheckAsync() => CollectorCommand.CallAsync("doctor", "--store", _open.Folder);

    private async Task FailsAsync(string file, string words)
    {
        var result = await CheckAsync();
        result.ExitCode.ShouldBe(1, result.Output);
        var fail = Findings(result).Where(static finding => finding.Verdict == "fail").ShouldHaveSingleItem();
        fail.Text.ShouldStartWith(file);
        fail.Text.ShouldContain(words);
    }
}
