using System.Collections.Concurrent;
using Collector.Storage.Folder;
using Collector.Tests.Support;
using Xunit.Abstractions;

namespace Collector.Tests.EndToEnd;

/// <summary><c>collector backup</c> beside a process that takes rows, and what a Collector makes of the restored folder.</summary>
public sealed class BackupTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryFolder _out = new();

    public void Dispose() => _out.Dispose();

    [Fact]
    public async Task Every_row_that_was_acknowledged_before_a_backup_began_is_in_it_once_and_its_ledger_balances()
    {
        await using var collector = await CollectorProcess.StartAsync("--Storage:SegmentRows=1000", "--Retry:BaseDelay=00:00:00.005");
        var acknowledged = new ConcurrentQueue<string>();
        var isOver = false;
        var producers = Enumerable.Range(0, 3).Select(number => Task.Run(() => ProduceAsync(collector, number, acknowledged, () => Volatile.Read(ref isOver)))).ToArray();
        var backups = new List<(string Path, string[] Before)>();
        for (var i = 0; i < 3; i++)
        {
            var enough = acknowledged.Count + 1_200;
            await Eventually.IsSoAsync(() => acknowledged.Count >= enough, () => collector.Log);
            // Every other time the spool holds what came while the store was away.
            using var held = i == 1 ? await DatabaseLock.TakeAsync(collector.Folder) : null;
            if (held is not null)
            {
                enough = acknowledged.Count + 200;
                await Eventually.IsSoAsync(() => acknowledged.Count >= enough, () => collector.Log);
            }

            var before = acknowledged.ToArray();
            var path = _out.File($"{i}");
            var result = await CollectorCommand.RunAsync(
                "backup", "--to", path, $"--Storage:Path={collector.Folder}", $"--Spool:Path={collector.Folder}/spool");
            result.ExitCode.ShouldBe(0, result.Errors);
            backups.Add((path, before));
        }

        Volatile.Write(ref isOver, true);
        await Task.WhenAll(producers);
        collector.Log.ShouldNotContain("could not be sealed");
        foreach (var (path, before) in backups)
        {
            await OpenAsync(path, before);
        }
    }

    [Fact]
    public async Task A_sync_that_fails_leaves_no_backup_and_no_export()
    {
        if (await Strace.WhyNotAsync() is { } reason)
        {
            output.WriteLine(reason);
            return;
        }

        var folder = await FillAsync();
        string[] backup = ["backup", "--to", _out.File("b"), $"--Storage:Path={folder}"];
        string[] export = ["export", "--out", _out.File("e.db"), $"--Storage:Path={folder}"];
        foreach (var (command, syncs, error) in new[] { (backup, new[] { 1, 3, 6 }, "EIO"), (export, [1, 2], "ENOSPC") })
        {
            foreach (var sync in syncs)
            {
                var result = await CollectorCommand.RunUnderAsync(Strace.Inject("fsync", $"error={error}:when={sync}"), command);

                result.ExitCode.ShouldBe(1, result.Output);
                result.Errors.ShouldContain("can't be synced to the disk");
                Directory.GetFiles(_out.Path, "*", SearchOption.AllDirectories).Where(path => !path.StartsWith(folder, StringComparison.Ordinal)).ShouldBeEmpty();
                Directory.GetDirectories(_out.Path).Where(path => path != folder).ToList().ForEach(Directory.Delete);
            }

            (await CollectorCommand.RunAsync(command)).ExitCode.ShouldBe(0);
            Directory.GetFiles(_out.Path).ToList().ForEach(File.Delete);
            Directory.GetDirectories(_out.Path).Where(path => path != folder).ToList().ForEach(static path => Directory.Delete(path, recursive: true));
        }
    }

    // At each of its syncs, which is at each of its steps.
    [Fact]
    public async Task A_backup_that_is_killed_is_none()
    {
        if (await Strace.WhyNotAsync() is { } reason)
        {
            output.WriteLine(reason);
            return;
        }

        var folder = await FillAsync();
        var kills = 0;
        for (var sync = 1; sync < 30; sync++)
        {
            var target = _out.File($"b{sync}");
            var result = await CollectorCommand.RunUnderAsync(
                Strace.Inject("fsync", $"signal=SIGKILL:when={sync}"), "backup", "--to", target, $"--Storage:Path={folder}");
            if (result.ExitCode == 0)
            {
                break;
            }

            kills++;
            // At the last one it has its name, and is whole.
            var restored = await CollectorCommand.CallAsync("restore", "--from", target, "--to", _out.File($"r{sync}"));
            restored.ExitCode.ShouldBe(File.Exists(Path.Combine(target, BackupManifest.FileName)) ? 0 : 1, $"{sync}: {restored.Errors}");
        }

        kills.ShouldBeInRange(6, 20);
        output.WriteLine($"{kills} kills");
    }

    private async Task<string> FillAsync()
    {
        var folder = Directory.CreateDirectory(_out.File("data")).FullName;
        using var producer = new Producer(records: 600);
        await using var collector = await CollectorProcess.StartOnAsync(folder, "--Storage:SegmentRows=1000");
        for (var number = 0; number < 4; number++)
        {
            (await producer.IsAcknowledgedAsync(collector, number)).ShouldBeTrue();
        }

        await collector.SaysAsync("segment-000001.db is sealed");
        (await collector.TerminateAsync()).ShouldBe(0);
        return folder;
    }

    private static async Task ProduceAsync(CollectorProcess collector, int number, ConcurrentQueue<string> acknowledged, Func<bool> isOver)
    {
        var bound = new LoopBound();
        using var producer = new Producer($"backup-{number}", records: 10);
        for (var i = number * 1_000_000; !isOver() && bound.Holds(); i++)
        {
            if (await producer.IsAcknowledgedAsync(collector, i))
            {
                foreach (var message in producer.Messages(i))
                {
                    acknowledged.Enqueue(message);
                }
            }
        }
    }

    private async Task OpenAsync(string backup, string[] acknowledged)
    {
        var folder = backup + "-restored";
        var restored = await CollectorCommand.RunAsync("restore", "--from", backup, "--to", folder);
        restored.ExitCode.ShouldBe(0, restored.Errors);
        await using var collector = await CollectorProcess.StartOnAsync(folder, "--Storage:SegmentRows=1000");
        var ledger = await collector.SettledAsync();
        var found = new List<string>();
        for (var number = 0; number < 3; number++)
        {
            found.AddRange(await collector.MessagesAsync($"backup-{number}"));
        }

        output.WriteLine($"{acknowledged.Length} acknowledged before, {found.Count} found; {ledger}; {restored.Output.ReplaceLineEndings(" ")}");
        acknowledged.Except(found).Count().ShouldBe(0, restored.Output);
        found.Distinct().Count().ShouldBe(found.Count, "nothing is there twice");
        ledger.Stored.ShouldBe(found.Count);
        ledger.Dropped.ShouldBe(0);
    }
}
