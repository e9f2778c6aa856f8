using Collector.Model;
using Collector.Storage;
using Collector.Storage.Folder;
using Collector.Storage.Sqlite.Driver;
using Collector.Tests.Storage.Sqlite;
using Collector.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Collector.Tests.Storage.Folder;

public sealed class FolderBackupTests : IDisposable
{
    private static readonly DateTimeOffset _noon = DateTimeOffset.UnixEpoch.AddTicks((long)(Some.Noon / 100));

    private readonly OpenStore _open = new();
    private readonly TemporaryFolder _out = new();

    private string Target => _out.File("backup");

    public void Dispose()
    {
        _open.Dispose();
        _out.Dispose();
    }

    [Fact]
    public async Task A_sealed_segment_gets_a_second_name_and_the_others_are_copied_with_their_rowids()
    {
        await FillAsync(_open);

        var manifest = Backup(_open);

        manifest.Remarks.ShouldBeEmpty();
        manifest.Files.Select(static file => (file.Name, file.Kind, file.Rows, file.Linked)).Order().ShouldBe(
        [
            ("segment-000001.db", "sealed", 2, true), ("segment-000002.db", "sealed", 1, true), ("segment-000003.db", "segment", 2, false),
            ("spool/spool.db", "database", 0, false),
        ]);
        new BackupCheck(Target).Run(default).ShouldBeEmpty();
        Read(Target, "segment-000003.db", "SELECT rowid || message FROM tail_logs").ShouldBe(["1d", "2e"]);
        Read(Target, "segment-000003.db", "PRAGMA integrity_check").ShouldBe(["ok"]);
        Read(Target, "spool/spool.db", "SELECT payload FROM entries").ShouldBe(["waits"]);
        _open.Append(new SomeRow());
        new BackupCheck(Target).Run(default).ShouldBeEmpty("what is stored later does not reach it");
    }

    [Fact]
    public async Task A_copy_of_a_sealed_segment_is_made_where_it_is_asked_for()
    {
        await FillAsync(_open);

        var manifest = Backup(_open, copies: true);

        manifest.Files.ShouldAllBe(static file => !file.Linked);
        HardLinks.IsOnlyName(Path.Combine(_open.Folder, "segment-000001.db")).ShouldBe(OperatingSystem.IsLinux());
        Read(Target, "segment-000001.db", "SELECT message FROM tail_logs").ShouldBe(["late", "b"]);
    }

    // Retention shortens a large file step by step before it deletes it.
    [Fact]
    public async Task A_segment_that_retention_deletes_stays_whole_in_the_backup()
    {
        var clock = new FakeTimeProvider(_noon);
        using var open = new OpenStore(clock: clock);
        var text = new string('m', 4_000);
        for (var i = 0; i < 10; i++)
        {
            open.Append([.. Enumerable.Range(0, 1_000).Select(_ => new SomeRow { Message = text })]);
        }

        open.Store.Appender.RollOver();
        await open.IsSealedAsync();
        open.Append(new SomeRow());
        var linked = Backup(open).Files.Single(static file => file.Name == "segment-000001.db");
        linked.Bytes.ShouldBeGreaterThan(33 << 20);

        // In steps, since one leap would be taken for a clock that was set wrong.
        for (var day = TimeSpan.Zero; day < TimeSpan.FromDays(8); day += TimeSpan.FromMinutes(50))
        {
            clock.Advance(TimeSpan.FromMinutes(50));
        }

        open.Store.Lifecycle.Retain();

        File.Exists(Path.Combine(open.Folder, "segment-000001.db")).ShouldBeFalse();
        new BackupCheck(Target).Run(default).ShouldBeEmpty();
    }

    // A row leaves the spool only when a segment has it, and no segment but the newest gets rows: see FolderBackup.
    [Fact]
    public async Task The_spool_is_copied_first_then_the_newest_segment_then_the_older_and_last_the_manifest()
    {
        await FillAsync(_open);
        var sync = new FailingSync();

        Backup(_open, sync: sync);

        sync.Synced.Where(path => path.StartsWith(Target + "/", StringComparison.Ordinal) && Path.HasExtension(path)).Select(Path.GetFileName)
            .ShouldBe(["spool.db", "segment-000003.db", "segment-000002.db", "segment-000001.db", "manifest.json.part"]);
        sync.Synced[^1].ShouldBe(Target, "the manifest's name");
        sync.Synced.ShouldContain(_out.Path, "the backup's name");
        sync.Synced.ShouldContain(Path.Combine(Target, "spool"));
    }

    [Fact]
    public async Task Whichever_sync_fails_there_is_no_backup()
    {
        await FillAsync(_open);
        var syncs = new FailingSync();
        Backup(_open, sync: syncs);
        syncs.Synced.Count.ShouldBeGreaterThan(8);
        Directory.Delete(Target, recursive: true);

        for (var failing = 1; failing <= syncs.Synced.Count; failing++)
        {
            Should.Throw<IOException>(() => Backup(_open, sync: new FailingSync(failing))).Message.ShouldContain("Input/output error");
            // The first one is of the folder's own name: it is made and empty.
            File.Exists(Path.Combine(Target, BackupManifest.FileName)).ShouldBeFalse();
            if (Directory.Exists(Target))
            {
                Directory.GetFileSystemEntries(Target).ShouldBeEmpty($"sync {failing}");
                Directory.Delete(Target);
            }
        }
    }

    [Fact]
    public void Every_backup_of_a_store_that_goes_on_holds_what_was_committed_before_and_the_accounts_that_count_it()
    {
        var isOver = false;
        var committed = 0L;
        var writing = new Thread(() => committed = Write(() => Volatile.Read(ref isOver), value => Volatile.Write(ref committed, value)));
        writing.Start();
        try
        {
            for (var i = 0; i < 12; i++)
            {
                var before = Volatile.Read(ref committed);
                var target = _out.File($"{i}");
                var manifest = new FolderBackup(_open.Folder, "/nowhere", copies: i % 2 == 0, FileSync.Default, new NoonClock())
                    .Run(target, "1.0.0", CancellationToken.None);

                var check = new FolderCheck(target, "/nowhere");
                check.Run(default).ShouldAllBe(static report => report.State == FileState.Whole);
                check.Rows.ShouldBeGreaterThanOrEqualTo(before);
                check.Ledger.Stored.ShouldBe(check.Rows, "the accounts count the rows that are there");
                manifest.Files.Sum(static file => file.Rows).ShouldBe(check.Rows);
            }
        }
        finally
        {
            Volatile.Write(ref isOver, true);
            writing.Join();
        }
    }

    [Fact]
    public async Task A_second_backup_to_the_same_folder_leaves_the_first_alone()
    {
        await FillAsync(_open);
        using var first = BackupFolder.Reserve(Target, FileSync.Default);

        Should.Throw<IOException>(() => Backup(_open)).Message.ShouldContain("is not empty");

        var manifest = new BackupManifest(1, "1.0.0", "", "", [], []);
        first.Finish(manifest);
        new BackupCheck(Target).Run(default).ShouldBeEmpty();
    }

    // Another program puts it there while the backup is made.
    [Fact]
    public async Task A_file_of_somebody_else_stays_when_a_backup_fails()
    {
        await FillAsync(_open);
        using var backup = BackupFolder.Reserve(Target, FileSync.Default);
        await File.WriteAllTextAsync(Path.Combine(Target, "segment-000001.db"), "mine");

        Should.Throw<IOException>(() => backup.Copy(new StoreFile("segment-000001.db", _open.HotFile, FileKind.Other), "other", 0, default));
        backup.RemoveAll();

        Directory.GetFiles(Target).Select(Path.GetFileName).ShouldBe(["segment-000001.db"]);
    }

    [Fact]
    public void A_spool_that_is_not_where_the_settings_say_is_told()
    {
        _open.Append(new SomeRow());

        Backup(_open).Remarks.ShouldHaveSingleItem().Text.ShouldStartWith("is not there: ");
    }

    [Theory]
    [InlineData("data/backup", "is in")]
    [InlineData("data", "is in")]
    [InlineData("full", "is not empty")]
    [InlineData("done", "holds a backup already")]
    public void A_target_that_holds_something_or_is_in_the_data_is_left_alone(string target, string words)
    {
        _open.Append(new SomeRow());
        Directory.CreateDirectory(_out.File("full"));
        File.WriteAllText(_out.File("full/mine"), "mine");
        Directory.CreateDirectory(_out.File("done"));
        File.WriteAllText(_out.File("done/manifest.json"), "{}");
        var before = Directory.GetFileSystemEntries(_out.Path, "*", SearchOption.AllDirectories);
        var path = target.StartsWith("data", StringComparison.Ordinal) ? _open.Folder + target["data".Length..] : _out.File(target);

        Should.Throw<IOException>(() => Backup(_open, path)).Message.ShouldContain(words);

        Directory.GetFileSystemEntries(_out.Path, "*", SearchOption.AllDirectories).ShouldBe(before);
        Directory.Exists(Path.Combine(_open.Folder, "backup")).ShouldBeFalse();
    }

    [Fact]
    public void A_backup_that_is_cancelled_leaves_nothing()
    {
        _open.Append(new SomeRow());

        Should.Throw<OperationCanceledException>(() => new FolderBackup(_open.Folder, "/nowhere", false, FileSync.Default, new NoonClock())
            .Run(Target, "1.0.0", new CancellationToken(canceled: true)));

        Directory.Exists(Target).ShouldBeFalse();
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_copied_as_it_is_and_said_and_the_others_are_there()
    {
        await FillAsync(_open);
        _open.Store.Dispose();
        await File.WriteAllTextAsync(Path.Combine(_open.Folder, "segment-000001.db"), "not a database, though long enough to look like one");
        await File.WriteAllTextAsync(Path.Combine(_open.Folder, "segment-000009.db.damaged"), "aside");
        await File.WriteAllTextAsync(Path.Combine(_open.Folder, "keys.json"), "{}");
        Directory.CreateDirectory(Path.Combine(_open.Folder, "mine"));

        var manifest = Backup(_open);

        manifest.Files.Select(static file => (file.Name, file.Kind)).Order().ShouldBe(
        [
            ("keys.json", "other"), ("segment-000001.db", "unreadable"), ("segment-000002.db", "sealed"), ("segment-000003.db", "segment"),
            ("segment-000009.db.damaged", "set_aside"), ("spool/spool.db", "database"),
        ]);
        manifest.Remarks.Select(static remark => (remark.Name, remark.IsLoss)).ShouldBe([("segment-000001.db", true), ("mine", false)]);
        new BackupCheck(Target).Run(default).ShouldBeEmpty();
    }

    [Fact]
    public void A_file_whose_creation_was_cut_short_is_no_loss()
    {
        _open.Append(new SomeRow { Message = "a" });
        File.WriteAllBytes(Path.Combine(_open.Folder, "segment-000002.db"), []);

        var manifest = Backup(_open);

        manifest.Files.Single().Name.ShouldBe("segment-000001.db");
        manifest.Remarks.ShouldAllBe(static remark => !remark.IsLoss);
        manifest.Remarks.ShouldContain(static remark => remark.Name == "segment-000002.db");
    }

    internal static async Task FillAsync(OpenStore open)
    {
        open.Append(new SomeRow { Message = "late", Nanos = 9 }, new SomeRow { Message = "b", Nanos = 2 });
        open.Store.Appender.RollOver();
        open.Append(new SomeRow { Message = "c", Nanos = 3 });
        open.Store.Appender.RollOver();
        await open.IsSealedAsync();
        using (var batch = Some.Batch(new SomeRow { Message = "d", Nanos = 4 }, new SomeRow { Message = "e", Nanos = 5 }))
        {
            var group = new AppendGroup { Accounts = [Account(5)] };
            group.Batches.Add(batch);
            open.Store.Appender.Append(group).ShouldBe(AppendResult.Committed);
        }

        Directory.CreateDirectory(Path.Combine(open.Folder, "spool"));
        using var spool = Connections.OpenWriter(Path.Combine(open.Folder, "spool", "spool.db"));
        spool.Execute("CREATE TABLE entries (position INTEGER PRIMARY KEY, payload BLOB); INSERT INTO entries VALUES (1, 'waits')");
    }

    internal static AccountRecord Account(long stored) =>
        new("worker-a", FormattableString.Invariant($$$"""{"stored":{{{stored}}},"duplicate":0,"rejected":0,"refused":0,"dropped":0,"reasons":{}}"""));

    private static List<string> Read(string folder, string file, string sql)
    {
        using var connection = Connections.OpenImmutable(Path.Combine(folder, file));
        using var rows = connection.Prepare(sql);
        var found = new List<string>();
        while (rows.Read())
        {
            found.Add(rows.String(0));
        }

        return found;
    }

    private BackupManifest Backup(OpenStore open, string? target = null, bool copies = false, FileSync? sync = null) =>
        new FolderBackup(open.Folder, Path.Combine(open.Folder, "spool"), copies, sync ?? FileSync.Default, new NoonClock())
            .Run(target ?? Target, "1.0.0", CancellationToken.None);

    // Requests of one to five rows, a new segment every now and then.
    private long Write(Func<bool> isOver, Action<long> committed)
    {
        var rows = 0L;
        var bound = new LoopBound();
        for (var i = 0; !isOver() && bound.Holds(); i++)
        {
            using var batch = Some.Batch([.. Enumerable.Range(0, 1 + (i % 5)).Select(static _ => new SomeRow { Message = new string('m', 300) })]);
            var group = new AppendGroup { Accounts = [Account(rows + batch.Count)] };
            group.Batches.Add(batch);
            _open.Store.Appender.Append(group).ShouldBe(AppendResult.Committed);
            rows += batch.Count;
            committed(rows);
            if (i % 200 == 199)
            {
                _open.Store.Appender.RollOver();
            }
        }

        return rows;
    }
}
