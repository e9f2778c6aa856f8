using Collector.Storage;
using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

public sealed class PermissionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Producer _producer = new(records: 400);

    private string Data => _folder.File("parent/data");

    public void Dispose()
    {
        _producer.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Whatever_the_umask_is_only_the_owner_can_read_what_is_kept()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        // Its working folder must be there, and is not the data folder here.
        await using var collector = await CollectorProcess.StartOnAsync(
            _folder.Path, $"--Storage:Path={Data}", $"--Spool:Path={Data}/spool", "--Storage:SegmentRows=1000", "--Retry:BaseDelay=00:00:00.001");
        for (var number = 0; number < 4; number++)
        {
            (await _producer.IsAcknowledgedAsync(collector, number)).ShouldBeTrue();
        }

        using (await DatabaseLock.TakeAsync(Data))
        {
            (await _producer.IsAcknowledgedAsync(collector, 4)).ShouldBeTrue("from the spool");
            var open = Open(Data);
            open.ShouldBeEmpty();
        }

        await collector.SaysAsync("segment-000001.db is sealed");
        Open(Data).ShouldBeEmpty();
        File.GetUnixFileMode(Data).ShouldBe(PrivateFiles.OfFolder);
        File.GetUnixFileMode(_folder.File("parent")).ShouldBe(PrivateFiles.OfFolder);
        string[] kinds = ["segment-000002.db-wal", "segment-000002.db-shm", "collector.lock", "collector.pid", "spool/spool.lock", "spool/spool.pid"];
        kinds.ShouldAllBe(kind => File.Exists(Path.Combine(Data, kind)));
    }

    [Fact]
    public async Task A_folder_of_an_earlier_version_is_made_private_once_and_that_is_said()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        await using (var collector = await CollectorProcess.StartOnAsync(_folder.Path))
        {
            (await _producer.IsAcknowledgedAsync(collector, 1)).ShouldBeTrue();
            (await collector.TerminateAsync()).ShouldBe(0);
        }

        await File.WriteAllTextAsync(_folder.File("segment-000009.db.damaged"), "set aside");
        foreach (var path in Directory.GetFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories).Append(_folder.Path))
        {
            File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        }

        await using (var collector = await CollectorProcess.StartOnAsync(_folder.Path))
        {
            Open(_folder.Path).ShouldBeEmpty();
            File.GetUnixFileMode(_folder.Path).ShouldBe(PrivateFiles.OfFolder);
            collector.Log.ShouldContain("Other users of this machine could read or write");
            (await collector.TerminateAsync()).ShouldBe(0);
        }

        await using var again = await CollectorProcess.StartOnAsync(_folder.Path);
        again.Log.ShouldNotContain("Other users");
    }

    // Those that anybody but the owner may do something with.
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    private static List<string> Open(string folder) =>
    [
        .. Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories)
            .Where(static path => (File.GetUnixFileMode(path) & (UnixFileMode)0b000_111_111) != 0)
            .Select(static path => $"{path} {File.GetUnixFileMode(path)}"),
    ];
}
