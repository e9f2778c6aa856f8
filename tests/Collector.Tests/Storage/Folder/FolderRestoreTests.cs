using System.Text;
using Collector.Storage;
using Collector.Storage.Folder;
using Collector.Storage.Sqlite.Driver;
using Collector.Tests.Storage.Sqlite;
using Collector.Tests.Support;

namespace Collector.Tests.Storage.Folder;

/// <summary><c>collector restore</c> on backups that are whole, and on such that somebody or something changed.</summary>
public sealed class FolderRestoreTests : IAsyncLifetime
{
    private readonly OpenStore _open = new();
    private readonly TemporaryFolder _out = new();

    private string Backup => _out.File("backup");

    private string Target => _out.File("restored");

    public async Task InitializeAsync()
    {
        await FolderBackupTests.FillAsync(_open);
        MakeBackup();
    }

    public Task DisposeAsync()
    {
        _open.Dispose();
        _out.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_backup_becomes_a_private_folder_with_the_same_files_and_says_what_is_in_it()
    {
        var result = await RestoreAsync();

        result.ExitCode.ShouldBe(0, result.Errors);
        result.Errors.ShouldBeEmpty();
        result.Lines[1].ShouldBe("5 rows from 1970-01-01T00:00:00.000000002Z to 1970-01-01T00:00:00.000000009Z");
        result.Lines[2].ShouldBe("ledger: 5 received: 5 stored");
        result.Lines[3].ShouldStartWith("spool: ");
        var files = Names(Target);
        files.ShouldBe(["segment-000001.db", "segment-000002.db", "segment-000003.db", "spool/spool.db"]);
        foreach (var file in files)
        {
            File.ReadAllBytes(Path.Combine(Target, file)).ShouldBe(File.ReadAllBytes(Path.Combine(Backup, file)), file);
            if (!OperatingSystem.IsWindows())
            {
                File.GetUnixFileMode(Path.Combine(Target, file)).ShouldBe(PrivateFiles.OfFile);
                File.GetUnixFileMode(Path.GetDirectoryName(Path.Combine(Target, file))!).ShouldBe(PrivateFiles.OfFolder);
            }
        }

        HardLinks.IsOnlyName(Path.Combine(Target, "segment-000001.db")).ShouldBe(OperatingSystem.IsLinux(), "what happens to it must not happen to the backup");
    }

    [Theory]
    [InlineData("segment-000001.db")]
    [InlineData("segment-000003.db")]
    [InlineData("spool/spool.db")]
    public async Task A_flipped_bit_anywhere_is_found(string file)
    {
        var path = Path.Combine(Backup, file);
        var length = (int)new FileInfo(path).Length;
        foreach (var at in new[] { 0, 19, 100, length / 3, length / 2, length - 1 })
        {
            Flip(path, at);
            await RefusesAsync(file, "checksum is another one");
            Flip(path, at);
        }

        (await RestoreAsync()).ExitCode.ShouldBe(0);
    }

    [Theory]
    [InlineData("segment-000002.db", "is missing")]
    [InlineData("spool/spool.db", "is missing")]
    public async Task A_missing_file_is_found(string file, string words)
    {
        File.Delete(Path.Combine(Backup, file));

        await RefusesAsync(file, words);
    }

    [Theory]
    [InlineData("segment-000004.db")]
    [InlineData("segment-000003.db-wal")]
    [InlineData("spool/spool.db-journal")]
    [InlineData("notes.txt")]
    public async Task A_file_that_was_put_there_is_found(string file)
    {
        await File.WriteAllTextAsync(Path.Combine(Backup, file), "x");

        await RefusesAsync(file, "is not in the manifest");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8192)]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task A_file_of_another_length_is_found(int length)
    {
        using (var file = new FileStream(Path.Combine(Backup, "segment-000001.db"), FileMode.Open))
        {
            file.SetLength(length is 1 or -1 ? file.Length + length : length);
        }

        await RefusesAsync("segment-000001.db", "bytes; the manifest says");
    }

    [Theory]
    [InlineData("\"format\": 1", "\"format\": 2", "written by a newer Collector")]
    [InlineData("\"format\": 1", "\"format\": 0", "says no format")]
    [InlineData("segment-000002.db", "segment-000007.db", "is missing")]
    [InlineData("segment-000002.db", "segment-000001.db", "names a file twice")]
    [InlineData("\"segment-000002.db\"", "\"../segment-000002.db\"", "can't be right")]
    [InlineData("\"segment-000002.db\"", "\"/etc/passwd\"", "can't be right")]
    [InlineData("\"segment-000002.db\"", "\"\"", "can't be right")]
    [InlineData("\"segment-000002.db\"", "null", "is damaged")]
    [InlineData("\"bytes\":", "\"bites\":", "is damaged")]
    [InlineData("\"files\": [", "\"files\": ", "is damaged")]
    [InlineData("\"rows\": 1", "\"rows\": -1", "can't be right")]
    public async Task A_manifest_that_is_wrong_is_refused(string from, string to, string words)
    {
        var path = Path.Combine(Backup, BackupManifest.FileName);
        var text = await File.ReadAllTextAsync(path);
        text.ShouldContain(from);
        await File.WriteAllTextAsync(path, text.Replace(from, to, StringComparison.Ordinal));

        await RefusesAsync("", words);
    }

    [Fact]
    public async Task A_folder_without_a_manifest_is_no_backup()
    {
        File.Delete(Path.Combine(Backup, BackupManifest.FileName));

        await RefusesAsync("", "is not a backup, or one that was not finished");
    }

    [Fact]
    public async Task A_folder_that_holds_something_is_left_alone()
    {
        Directory.CreateDirectory(Target);
        await File.WriteAllTextAsync(Path.Combine(Target, "mine"), "mine");

        var result = await RestoreAsync();

        result.ExitCode.ShouldBe(1);
        result.Errors.ShouldContain("is not empty");
        Names(Target).ShouldBe(["mine"]);
    }

    [Fact]
    public void Whichever_sync_fails_the_target_is_unfinished_or_as_before_and_can_be_restored_to_again()
    {
        var manifest = BackupManifest.Read(Backup);
        var syncs = new FailingSync();
        new FolderRestore(Backup, manifest, syncs).Run(Target, default);
        syncs.Synced.Count.ShouldBeGreaterThan(8);
        Directory.Delete(Target, recursive: true);

        for (var failing = 1; failing < syncs.Synced.Count; failing++)
        {
            Should.Throw<IOException>(() => new FolderRestore(Backup, manifest, new FailingSync(failing)).Run(Target, default));
            (FolderRestore.IsUnfinished(Target) || !Directory.Exists(Target) || Names(Target).Count == 0).ShouldBeTrue($"sync {failing}");
            if (Directory.Exists(Target))
            {
                Directory.Delete(Target, recursive: true);
            }
        }
    }

    [Fact]
    public async Task A_restore_that_was_killed_keeps_a_Collector_from_starting_and_can_be_done_again()
    {
        Directory.CreateDirectory(Path.Combine(Target, FolderRestore.PartFolder));
        await File.WriteAllTextAsync(Path.Combine(Target, FolderRestore.PartFolder, "segment-000001.db"), "half");
        // It had its name already.
        await File.WriteAllTextAsync(Path.Combine(Target, "segment-000002.db"), "of the killed one");

        var (exitCode, log) = await CollectorProcess.RunToExitAsync(Target);
        exitCode.ShouldBe(1, log);
        log.ShouldContain("a restore into");

        (await RestoreAsync()).ExitCode.ShouldBe(0);
        Names(Target).Count.ShouldBe(4);
    }

    [Fact]
    public async Task A_restore_into_a_folder_that_another_one_fills_is_refused()
    {
        var part = Directory.CreateDirectory(Path.Combine(Target, FolderRestore.PartFolder)).FullName;
        await File.WriteAllTextAsync(Path.Combine(part, "segment-000001.db"), "half");
        using var other = FolderLock.TryTake(part, "restore").ShouldNotBeNull();

        // Locks are a process's: another one has to try.
        var result = await CollectorCommand.RunAsync("restore", "--from", Backup, "--to", Target);

        result.ExitCode.ShouldBe(1);
        result.Errors.ShouldContain("Another restore into");
        (await File.ReadAllTextAsync(Path.Combine(part, "segment-000001.db"))).ShouldBe("half");
    }

    [Fact]
    public async Task What_was_damaged_before_the_backup_is_restored_with_the_rest_and_told()
    {
        _open.Store.Dispose();
        Directory.Delete(Backup, recursive: true);
        using (var file = new FileStream(Path.Combine(_open.Folder, "segment-000001.db"), FileMode.Open))
        {
            file.Position = 8192 * 2;
            file.Write(Encoding.ASCII.GetBytes(new string('x', 8192)));
        }

        MakeBackup();
        var result = await RestoreAsync();

        result.ExitCode.ShouldBe(3, result.Output);
        result.Errors.ShouldContain("segment-000001.db is damaged");
        Names(Target).Count.ShouldBe(4);
    }

    private static List<string> Names(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder, path)).Order(StringComparer.Ordinal),
    ];

    private static void Flip(string path, int at)
    {
        using var file = new FileStream(path, FileMode.Open);
        file.Position = at;
        var old = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(old ^ 1));
    }

    private void MakeBackup() =>
        new FolderBackup(_open.Folder, Path.Combine(_open.Folder, "spool"), copies: true, FileSync.Default, new NoonClock())
            .Run(Backup, "1.0.0", CancellationToken.None);

    private Task<CommandResult> RestoreAsync() => CollectorCommand.CallAsync("restore", "--from", Backup, "--to", Target);

    private async Task RefusesAsync(string file, string words)
    {
        var result = await RestoreAsync();
        result.ExitCode.ShouldBe(1, result.Output);
        result.Errors.ShouldContain(words);
        result.Errors.ShouldContain(file);
        Directory.Exists(Target).ShouldBeFalse();

        // Without a manifest it is a data folder like another.
        var doctor = await CollectorCommand.CallAsync("doctor", "--store", Backup);
        doctor.ExitCode.ShouldBe(File.Exists(Path.Combine(Backup, BackupManifest.FileName)) ? 1 : 0, doctor.Output);
    }
}
