using Collector.Tests.EndToEnd;
using Collector.Tests.Faults.Real;
using Collector.Tests.Support;
using Xunit.Abstractions;

namespace Collector.Tests.Faults;

/// <summary>
/// All that the disk, the clock and kills can do, at length; each prints a table. One command, some hours:
/// <c>LONG_TESTS=1 FAULT_REPORT=report.txt dotnet test -c Release --filter FullyQualifiedName~FaultLongRuns --logger "console;verbosity=detailed"</c>
/// Those that start processes start another version's where <c>FAULT_BINARY</c> is the path of its assembly.
/// </summary>
public sealed class FaultLongRuns(ITestOutputHelper output)
{
    // Of one system call on one file: beyond that it is the same over and over.
    private const int MostSteps = 12;

    private readonly FaultReport _report = new(output);

    [LongFact]
    public async Task A_thousand_random_sequences_of_faults()
    {
        for (var seed = 1; seed <= FaultReport.Trials(1_000); seed++)
        {
            var plan = FaultPlan.Of(seed);
            _report.Add($"random sequence, {plan.End}", $"{plan}", await new FaultSequence(plan).RunAsync());
        }

        _report.ShouldBeClean();
    }

    [LongFact]
    public async Task A_thousand_kills_under_load()
    {
        using var folder = new TemporaryFolder();
        using var oracle = new CrashOracle(
            folder.Path, FaultReport.Trials(1_000), seed: 4, records: 100, TimeSpan.FromHours(3), ["--Storage:SegmentRows=2000"]);

        var figures = await oracle.RunAsync();

        output.WriteLine($"{figures}");
        figures.ShouldBeClean();
    }

    [StraceFact(isLong: true)]
    public async Task Kills_at_every_step_of_making_and_sealing_a_segment()
    {
        foreach (var fault in SystemCallFault.Kills())
        {
            var isMet = true;
            for (var number = 1; isMet && number <= MostSteps; number++)
            {
                isMet = await RunAsync(fault with { When = $"{number}" });
            }
        }

        _report.ShouldBeClean();
    }

    [StraceFact(isLong: true)]
    public async Task Kills_at_every_step_of_a_backup()
    {
        await using var backups = new BackupKills();
        await backups.PrepareAsync();
        await foreach (var (call, number, figures) in backups.RunAsync())
        {
            _report.Add($"SIGKILL at {call} of a backup", $"{call} {number}", figures);
        }

        _report.ShouldBeClean();
    }

    [StraceFact(isLong: true)]
    public async Task Every_system_call_on_every_file_fails()
    {
        foreach (var fault in SystemCallFault.Errors())
        {
            await RunAsync(fault);
        }

        _report.ShouldBeClean();
    }

    [LongFact]
    public async Task A_thousand_damaged_pages()
    {
        using var damage = new Damage();
        await damage.PrepareAsync();
        for (var seed = 1; seed <= FaultReport.Trials(1_000); seed++)
        {
            var (kind, figures) = await damage.TryAsync(seed);
            _report.Add(kind, $"seed {seed}: {kind}", figures);
        }

        _report.ShouldBeClean();
    }

    [LongFact]
    public async Task Disks_that_fill()
    {
        for (var leave = 0; leave <= 400 << 10; leave += 12 << 10)
        {
            Add("full disk", $"{leave} bytes left", await Disks.FullAsync(leave));
        }

        for (var i = 0; i < FaultReport.Trials(10); i++)
        {
            Add("thin disk under store and spool", $"{i}", await Disks.ThinAsync(hasStore: true, hasSpool: true));
            Add("thin disk under the store", $"{i}", await Disks.ThinAsync(hasStore: true, hasSpool: false));
            Add("thin disk under the spool", $"{i}", await Disks.ThinAsync(hasStore: false, hasSpool: true));
        }

        _report.ShouldBeClean();
    }

    [FakeTimeTheory(isLong: true)]
    [InlineData("+8d")]
    [InlineData("-8d")]
    [InlineData("+400d")]
    [InlineData("-15000d")]
    [InlineData("+25h")]
    public async Task Clocks_that_are_off(string off)
    {
        for (var i = 0; i < 3; i++)
        {
            _report.Add($"clock {off} at the start", off, await Clocks.AtStartAsync(off));
            _report.Add($"clock {off} for a while", off, await Clocks.WhileRunningAsync(off));
        }

        _report.ShouldBeClean();
    }

    private async Task<bool> RunAsync(SystemCallFault fault)
    {
        var figures = await fault.RunAsync();
        _report.Add(fault.Name, $"{fault}", figures);
        return figures.IsMet;
    }

    private void Add(string kind, string trial, LifeFigures? figures)
    {
        if (figures is null)
        {
            output.WriteLine($"Not tested: {kind}, since a file system can't be mounted here.");
            return;
        }

        _report.Add(kind, trial, figures);
    }
}
