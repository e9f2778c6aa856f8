using Collector.Storage;
using Collector.Tests.Support;

namespace Collector.Tests.Storage;

public sealed class FileSyncTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // A device takes no fsync, so that this one fails without any help. The framework's own call says nothing of it.
    [Fact]
    public void A_sync_that_fails_is_an_error_in_the_words_of_the_system()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var device = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Write);

        Should.Throw<IOException>(() => FileSync.Default.SyncFile(device, "/dev/null"))
            .Message.ShouldBe("/dev/null can't be synced to the disk: Invalid argument (error 22)");
    }

    [Fact]
    public void A_folder_that_is_gone_is_an_error()
    {
        var gone = _folder.File("gone");

        Should.Throw<IOException>(() => FileSync.Default.SyncFolder(gone)).Message.ShouldStartWith($"{gone} can't be synced to the disk: ");
    }

    [Fact]
    public void A_file_and_its_folder_are_synced()
    {
        using var file = PrivateFiles.Create(_folder.File("x"));
        file.WriteByte(1);

        FileSync.Default.SyncFile(file.SafeFileHandle, file.Name);
        FileSync.Default.SyncFolder(_folder.Path);
    }

    [Fact]
    public void A_new_folder_is_private_and_its_name_is_synced_as_are_those_of_its_new_parents()
    {
        var sync = new FailingSync();

        sync.CreateFolder(_folder.File("a/b/c/"));
        sync.CreateFolder(_folder.File("a/b/c"));

        sync.Synced.ShouldBe([_folder.Path, _folder.File("a"), _folder.File("a/b")]);
        if (!OperatingSystem.IsWindows())
        {
            foreach (var made in new[] { "a", "a/b", "a/b/c" })
            {
                File.GetUnixFileMode(_folder.File(made)).ShouldBe(PrivateFiles.OfFolder);
            }
        }
    }

    [Fact]
    public void A_folder_whose_name_cannot_be_synced_is_not_made_for_certain()
    {
        Should.Throw<IOException>(() => new FailingSync(2).CreateFolder(_folder.File("a/b"))).Message.ShouldContain("Input/output error");
    }

    [Fact]
    public void A_second_name_is_told_from_an_only_one()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var file = _folder.File("x");
        File.WriteAllText(file, "x");
        HardLinks.IsOnlyName(file).ShouldBeTrue();

        HardLinks.TryCreate(file, _folder.File("y")).ShouldBeTrue();
        HardLinks.IsOnlyName(file).ShouldBeFalse();
        HardLinks.TryCreate(file, _folder.File("y")).ShouldBeFalse("it is there");
        HardLinks.TryCreate(file, "/proc/x").ShouldBeFalse("another file system");

        File.Delete(_folder.File("y"));
        HardLinks.IsOnlyName(file).ShouldBeTrue();
        HardLinks.IsOnlyName(_folder.File("gone")).ShouldBeFalse();
    }
}
