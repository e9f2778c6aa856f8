using Collector.Tests.Support;

namespace Collector.Tests.Faults.Real;

/// <summary>Lives in which the wall clock is wrong for a while; with the usual age of seven days nothing is old enough to go.</summary>
internal static class Clocks
{
    private const string Week = "--Retention:MaxAge=7.00:00:00";

    /// <summary>Right at first, off at the next start.</summary>
    public static Task<LifeFigures> AtStartAsync(string off) =>
        new RealLife { Requests = 12, IsStopped = true, Settings = [Week], LastWrapping = FakeTime.Off(off) }.RunAsync();

    /// <summary>Right at first, then off while rows come in, right again at the next start.</summary>
    public static async Task<LifeFigures> WhileRunningAsync(string off)
    {
        using var temporary = new TemporaryFolder();
        var file = temporary.File("clock");
        await File.WriteAllTextAsync(file, "+0d");
        return await new RealLife
        {
            Requests = 12,
            IsStopped = true,
            Settings = [Week],
            Wrapping = FakeTime.By(file),
            Meanwhile = _ => File.WriteAllTextAsync(file, off),
        }.RunAsync();
    }
}
