using Collector.Storage;
using Collector.Tests.Support;

namespace Collector.Tests.Storage;

public sealed class PrivateFilesTests : IDisposable
{
    private const UnixFileMode OpenFile = (UnixFileMode)0b110_110_100;
    private const UnixFileMode OpenFolder = (UnixFileMode)0b111_101_101;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_others_may_do_is_taken_from_every_file_of_ours_and_from_the_folders()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        string[] files = ["segment-000001.db", "segment-000001.db-wal", "segment-000001.db.damaged", "collector.lock", "spool/spool-000001.bin", "spool/rejected/spool-000001.bin-8.entry"];
        Directory.CreateDirectory(_folder.File("spool/rejected"));
        foreach (var file in files)
        {
            File.WriteAllText(_folder.File(file), "");
            File.SetUnixFileMode(_folder.File(file), OpenFile);
        }

        foreach (var folder in new[] { "", "spool", "spool/rejected" })
        {
            File.SetUnixFileMode(_folder.File(folder), OpenFolder);
        }

        PrivateFiles.Tighten(_folder.Path).ShouldBe(new Tightened(files.Length + 3, 0, null));

        foreach (var file in files)
        {
            File.GetUnixFileMode(_folder.File(file)).ShouldBe(PrivateFiles.OfFile);
        }

        File.GetUnixFileMode(_folder.File("spool/rejected")).ShouldBe(PrivateFiles.OfFolder);
        File.GetUnixFileMode(_folder.Path).ShouldBe(PrivateFiles.OfFolder);
        PrivateFiles.Tighten(_folder.Path).ShouldBe(default, "nothing is left to do");
    }

    // Somebody named a folder that is not Collector's alone, such as /tmp or a home.
    [Fact]
    public void What_is_not_ours_keeps_its_rights_and_so_does_a_folder_that_holds_it()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        foreach (var file in new[] { "run.sh", "segment-000001.db" })
        {
            File.WriteAllText(_folder.File(file), "");
            File.SetUnixFileMode(_folder.File(file), OpenFolder);
        }

        File.SetUnixFileMode(_folder.Path, OpenFolder);

        PrivateFiles.Tighten(_folder.Path).Changed.ShouldBe(1);

        File.GetUnixFileMode(_folder.Path).ShouldBe(OpenFolder);
        File.GetUnixFileMode(_folder.File("run.sh")).ShouldBe(OpenFolder);
        File.GetUnixFileMode(_folder.File("segment-000001.db")).ShouldBe(PrivateFiles.OfFolder, "only others' rights go");
    }

    [Fact]
    public void A_folder_that_is_not_there_is_nothing_to_do() => PrivateFiles.Tighten(_folder.File("gone")).ShouldBe(default);
}
