using Collector.Tests.Storage;
using Collector.Tests.Storage.Sqlite.Salvage;
using Collector.Tests.Storage.Sqlite.Sealing;
using Collector.Tests.Storage.Sqlite.TextIndex;
using Collector.Tests.Support;
using Xunit.Abstractions;

namespace Collector.Tests.EndToEnd;

/// <summary>
/// The real lengths of what the suite tests in short; figures are printed. All of them (some fifteen minutes):
/// <c>LONG_TESTS=1 dotnet test -c Release --filter FullyQualifiedName~LongRuns --logger "console;verbosity=detailed"</c>
/// </summary>
public sealed class LongRuns(ITestOutputHelper output)
{
    [LongFact]
    public async Task A_hundred_kills()
    {
        using var folder = new TemporaryFolder();
        using var oracle = new CrashOracle(folder.Path, kills: 100, seed: 2);

        var figures = await oracle.RunAsync();

        output.WriteLine($"{figures}");
        figures.ShouldBeClean();
    }

    [LongFact]
    public Task A_thousand_damaged_pages() => new DamagedPageTests(output).RunAsync(trials: 1_000, seed: 2);

    [LongFact]
    public Task Thirty_two_messages_of_64_MB_at_once_stay_within_bounded_memory() => GrpcMemoryTests.LargeAsync(32);

    [LongFact]
    public Task A_lock_of_ten_seconds() => LockAsync(TimeSpan.FromSeconds(10));

    [LongFact]
    public Task A_lock_of_a_minute() => LockAsync(TimeSpan.FromSeconds(60));

    [LongFact]
    public async Task Twenty_seconds_of_a_store_that_is_slower_than_its_producers()
    {
        await using var collector = await CollectorProcess.StartAsync("--Queue:Capacity=100", "--Spool:MaxBytes=8388608");
        var load = new Overload(collector, producers: 200, padding: 20_000);
        var isOver = false;
        var running = load.RunAsync(_ => !Volatile.Read(ref isOver));
        for (var i = 0; i < 10; i++)
        {
            // Slow: locked for most of the time.
            using (await DatabaseLock.TakeAsync(collector.Folder))
            {
                await PassAsync(TimeSpan.FromSeconds(1.8));
            }

            await PassAsync(TimeSpan.FromSeconds(0.2));
        }

        Volatile.Write(ref isOver, true);
        await running;
        await load.ShouldBeCleanAsync();
        output.WriteLine($"{load.Count} sent, {load.Acknowledged.Count} acknowledged, {load.Refused} refused; answers: {load.Times(0)}");
        output.WriteLine($"peak memory {collector.PeakMemory >> 20} MiB; {await collector.LedgerAsync()}");
    }

    [LongFact]
    public async Task A_hostile_value_of_a_megabyte()
    {
        foreach (var letter in "x'")
        {
            using var tests = new HostileValueTests();
            await tests.A_hostile_value_finds_its_own_row_and_no_other(new string(letter, 1 << 20));
        }
    }

    [LongFact]
    public Task A_lookup_in_500_segments() => SealingTests.LookUpAsync(segments: 500, maxIdleReaders: 64);

    [LongFact]
    public async Task A_thousand_questions_for_parts_of_texts()
    {
        for (var seed = 5; seed < 9; seed++)
        {
            await new TextSearchPropertyTests().FindAsync(seed, rowsInBlock: 1 << seed, questions: 250);
        }
    }

    [LongFact]
    public async Task A_hundred_thousand_tail_events_over_connections_that_are_cut()
    {
        using var tests = new TailServiceTests();
        await tests.CutAsync(100_000);
    }

    [LongFact]
    public async Task A_hundred_thousand_tail_events_to_a_Collector_that_is_killed()
    {
        using var tests = new TailServiceTests();
        await tests.KillAsync(100_000, segmentRows: 20_000, segments: 5);
    }

    [LongFact]
    public Task Sixty_megabytes_past_two_hundred_readers_that_never_read() => PlacesTests.WatchUnreadAsync(readers: 200, megabytes: 60);

    [LongFact]
    public async Task A_bomb_of_10_GB_in_one_piece()
    {
        using var tests = new BadRequestTests(new RunningCollector());
        await tests.RefuseBombAsync(members: 1);
    }

    [LongFact]
    public async Task Sixty_four_bodies_of_64_MB()
    {
        using var tests = new BadRequestTests(new RunningCollector());
        await tests.AnswerLargeBodiesAsync(64);
    }

    // Real seconds are what is measured here.
    private static async Task PassAsync(TimeSpan time)
    {
        using var timer = new PeriodicTimer(time);
        await timer.WaitForNextTickAsync();
    }

    private async Task LockAsync(TimeSpan length)
    {
        await using var collector = await CollectorProcess.StartAsync();
        var load = new Overload(collector, producers: 4);
        var isOver = false;
        var running = load.RunAsync(_ => !Volatile.Read(ref isOver));
        await PassAsync(TimeSpan.FromSeconds(5));
        load.NextPhase();
        using (await DatabaseLock.TakeAsync(collector.Folder))
        {
            await PassAsync(length);
        }

        load.NextPhase();
        await PassAsync(TimeSpan.FromSeconds(5));
        Volatile.Write(ref isOver, true);
        await running;
        await load.ShouldBeCleanAsync();
        output.WriteLine($"before: {load.Times(0)}");
        output.WriteLine($"during the lock of {length.TotalSeconds} s: {load.Times(1)}");
        output.WriteLine($"after: {load.Times(2)}");
        output.WriteLine($"peak memory {collector.PeakMemory >> 20} MiB; {await collector.LedgerAsync()}");
    }
}
