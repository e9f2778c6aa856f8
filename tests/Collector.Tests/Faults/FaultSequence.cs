using Collector.Tests.Faults.Disk;
using Collector.Tests.Support;

namespace Collector.Tests.Faults;

/// <summary>
/// One life under faults: (1) it starts, (2) producers send, and send again what was not acknowledged, while operations of
/// its disk fail as planned, (3) it stops, is killed or loses its power, (4) it starts on what is left, without faults, and
/// tells what it has.
/// </summary>
internal sealed class FaultSequence(FaultPlan plan)
{
    // Seconds of the product pass in some tens of milliseconds.
    private const int Hurry = 20;
    private const int Tries = 6;

    public async Task<LifeFigures> RunAsync()
    {
        using var temporary = new TemporaryFolder();
        var (before, after) = (Path.Combine(temporary.Path, "before"), Path.Combine(temporary.Path, "after"));
        Directory.CreateDirectory(before);
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(20) };
        var producing = new Producing([new("one"), new("two"), new("three", 1, 40)], client);
        var clock = new HurriedClock(Hurry);
        using var disk = new UnreliableDisk(before, after, plan.Seed);
        // 1., 2. and 3.
        var log = await SufferAsync(disk, producing, clock);
        // 4.
        return await TellAsync(disk.IsDead ? after : before, producing, client, clock, log, disk);
    }

    private async Task<string> SufferAsync(UnreliableDisk disk, Producing producing, TimeProvider clock)
    {
        disk.Faults = plan.FailsFromTheStart ? plan.Faults : [];
        var (running, whyNot) = await CollectorHere.TryStartAsync(disk.Folder, plan.SegmentRows, clock);
        if (running is null)
        {
            disk.Faults = [];
            return $"It did not start: {whyNot}";
        }

        await using (running)
        {
            disk.Faults = plan.Faults;
            await SendAsync(0);
            switch (plan.End)
            {
                case SequenceEnd.Heal:
                    disk.Faults = [];
                    await SendAsync(plan.Requests);
                    await running.DrainAsync();
                    break;
                case SequenceEnd.Kill or SequenceEnd.LosePower:
                    disk.Crash(plan.End == SequenceEnd.LosePower);
                    await running.StopAsync();
                    break;
                default:
                    await running.StopAsync();
                    break;
            }
        }

        disk.Faults = [];
        return running.Log;

        Task SendAsync(int first) => producing.SendAsync(
            first, plan.Requests, Tries, () => running.Http, () => !disk.IsDead, () => disk.IsDead);
    }

    private async Task<LifeFigures> TellAsync(
        string folder, Producing producing, HttpClient client, TimeProvider clock, string log, UnreliableDisk disk)
    {
        Directory.CreateDirectory(folder);
        var (running, whyNot) = await CollectorHere.TryStartAsync(folder, plan.SegmentRows, clock);
        if (running is null)
        {
            return LifeFigures.NotStarted(producing, whyNot);
        }

        await using (running)
        {
            // A file that can't be synced, or read, is given up, and stands there under another name.
            var gaveUp = plan.Faults.Any(static fault => fault is { Operation: DiskOperation.Sync or DiskOperation.Read, Fired: > 0 });
            var figures = await Aftermath.TellAsync(
                new Answers(client, running.Web), folder, producing, mayLose: false, maySetAside: gaveUp,
                () => log + running.Log, running.DrainAsync);
            figures = disk.Errors.FirstOrDefault() is { } error ? figures.With($"the instrument failed: {error}") : figures;
            return figures with { Log = $"---- under faults\n{log}\n---- afterwards\n{running.Log}" };
        }
    }
}
