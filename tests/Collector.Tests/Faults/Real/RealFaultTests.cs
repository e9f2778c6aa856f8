using Collector.Tests.Support;
using Xunit.Abstractions;

namespace Collector.Tests.Faults.Real;

/// <summary>Some of each kind of real fault; all of them are in <see cref="FaultLongRuns"/>.</summary>
public sealed class RealFaultTests(ITestOutputHelper output)
{
    [StraceFact]
    public async Task A_sync_of_the_hot_segment_that_fails_is_never_acknowledged() =>
        await CheckAsync(new SystemCallFault("segment-000001.db-wal", "fsync", "error=EIO", "2+"));

    [StraceFact(isLong: true)]
    public async Task A_sync_of_the_spool_that_fails_is_never_acknowledged() =>
        await CheckAsync(new SystemCallFault("spool/spool.db-wal", "fsync", "error=EIO", "1+"));

    [StraceFact(isLong: true)]
    public async Task A_disk_that_is_full_when_the_next_segment_is_due_stops_no_later_start() =>
        await CheckAsync(new SystemCallFault("segment-000002.db-wal", "pwrite64", "error=ENOSPC", "1+"));

    [StraceFact(isLong: true)]
    public async Task A_kill_while_the_next_segment_is_made_loses_nothing() =>
        await CheckAsync(new SystemCallFault("segment-000002.db-wal", "fsync", "signal=SIGKILL", "1"));

    [StraceFact]
    public async Task A_kill_while_a_segment_is_sealed_loses_nothing() =>
        await CheckAsync(new SystemCallFault("segment-000001.db", "pwrite64", "signal=SIGKILL", "5"));

    [Fact]
    public async Task A_disk_that_is_full_when_the_next_segment_is_due_loses_nothing() => Check(await Disks.FullAsync(leave: 24 << 10));

    [LongFact]
    public async Task A_thin_disk_under_all_that_fills_loses_nothing() => Check(await Disks.ThinAsync(hasStore: true, hasSpool: true));

    [Fact]
    public async Task A_thin_disk_under_the_store_that_fills_loses_nothing() =>
        Check(await Disks.ThinAsync(hasStore: true, hasSpool: false));

    [LongFact]
    public async Task A_thin_disk_under_the_spool_that_fills_loses_nothing() =>
        Check(await Disks.ThinAsync(hasStore: false, hasSpool: true));

    [FakeTimeTheory]
    [InlineData("+8d")]
    public async Task A_clock_that_is_off_at_the_start_deletes_nothing(string off) => Check(await Clocks.AtStartAsync(off));

    [FakeTimeTheory(isLong: true)]
    [InlineData("-8d")]
    public async Task A_clock_that_is_off_for_a_while_deletes_nothing(string off) => Check(await Clocks.WhileRunningAsync(off));

    [Fact]
    public async Task Damaged_pages_cost_themselves_and_are_named()
    {
        using var damage = new Damage();
        await damage.PrepareAsync();
        foreach (var seed in new[] { 2, 6 })
        {
            Check((await damage.TryAsync(seed)).Figures);
        }
    }

    private async Task CheckAsync(SystemCallFault fault) => Check(await fault.RunAsync());

    private void Check(LifeFigures? figures)
    {
        if (figures is null)
        {
            output.WriteLine("Not tested: a file system can't be mounted here.");
            return;
        }

        output.WriteLine($"{figures.Acknowledged} acknowledged, {figures.Lost} lost; {figures.Ledger}");
        output.WriteLine(figures.IsMet ? "" : "The fault did not come about.");
        figures.Wrongs.ShouldBeEmpty(figures.Log);
    }
}
