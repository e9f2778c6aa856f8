using Collector.Tests.Support;

namespace Collector.Tests.Faults.Real;

/// <summary>
/// One life of the real process under a real fault: (1) it starts, in what is to break it, (2) producers send, while its
/// store is locked in the second half if the spool is wanted, (3) it is killed or stopped, (4) something happens to its
/// files, (5) it starts as ever and tells what it has. The binary is the tests' own, or that of <c>FAULT_BINARY</c>.
/// </summary>
internal sealed record RealLife
{
    private static readonly string[] _settings = ["--Storage:SegmentRows=1000", "--Retry:BaseDelay=00:00:00.005"];

    /// <summary>What it is started by the first time; null: nothing.</summary>
    public Wrapping? Wrapping { get; init; }

    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Of each of three producers, in either half; of 20 to 60 records.</summary>
    public int Requests { get; init; } = 8;

    public int Padding { get; init; }

    public bool UsesSpool { get; init; }

    /// <summary>Stopped as a service manager would, not killed.</summary>
    public bool IsStopped { get; init; }

    /// <summary>While it runs, between the halves; told the data folder.</summary>
    public Func<string, Task> Meanwhile { get; init; } = static _ => Task.CompletedTask;

    /// <summary>Before the last start; told the data folder.</summary>
    public Func<string, Task> Between { get; init; } = static _ => Task.CompletedTask;

    /// <summary>Files are damaged, so that rows may go where ledger and gaps say so.</summary>
    public bool MayLose { get; init; }

    /// <summary>Of the last start.</summary>
    public Wrapping? LastWrapping { get; init; }

    public async Task<LifeFigures> RunAsync()
    {
        using var folder = new TemporaryFolder();
        return await RunAsync(folder.Path);
    }

    public async Task<LifeFigures> RunAsync(string folder)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
        var producing = new Producing(
            [new("one", 20, 60, Padding), new("two", 20, 60, Padding), new("three", 20, 60, Padding)], client);
        var (log, hasDied) = await SufferAsync(folder, producing);
        await Between(folder);
        var figures = await TellAsync(folder, producing, client, log);
        return figures with { HasDied = hasDied, Log = $"---- under faults\n{log}\n---- afterwards\n{figures.Log}" };
    }

    /// <summary>Steps 1 to 3; the log of it, and whether it ended by itself.</summary>
    public async Task<(string Log, bool HasDied)> SufferAsync(string folder, Producing producing)
    {
        // 1.
        var (process, whyNot) = await CollectorProcess.TryStartAsync(folder, Wrapping, [.. _settings, .. Settings]);
        if (process is null)
        {
            return (whyNot, true);
        }

        await using (process)
        {
            // 2.
            bool hasDied;
            await SendAsync(process, producing, 0);
            await Meanwhile(folder);
            using (UsesSpool && !process.HasExited ? await DatabaseLock.TakeAsync(folder) : null)
            {
                await SendAsync(process, producing, Requests);
                // 3. While the store is locked, so that the spool is met with something in it.
                hasDied = process.HasExited;
                if (!hasDied)
                {
                    await (IsStopped ? StopAsync(process) : process.KillAsync());
                }
            }

            return (process.Log, hasDied);
        }
    }

    private Task SendAsync(CollectorProcess process, Producing producing, int first) =>
        producing.SendAsync(first, Requests, tries: 8, () => process.Http, static () => true, () => process.HasExited);

    /// <summary>Step 5.</summary>
    public async Task<LifeFigures> TellAsync(string folder, Producing producing, HttpClient client, string log = "")
    {
        var (process, whyNot) = await CollectorProcess.TryStartAsync(folder, LastWrapping, [.. _settings, .. Settings]);
        if (process is null)
        {
            return LifeFigures.NotStarted(producing, LastLine(whyNot)) with { Log = whyNot };
        }

        await using (process)
        {
            var figures = await Aftermath.TellAsync(
                new Answers(client, process.Web), folder, producing, MayLose, maySetAside: true, () => log + process.Log, () => StopAsync(process));
            return figures with { Log = process.Log };
        }
    }

    // What hangs is killed at the end of its scope.
    private static Task<bool> StopAsync(CollectorProcess process) => Eventually.EndsAsync(process.TerminateAsync(), TimeSpan.FromMinutes(1));

    private static string LastLine(string log) =>
        log.Split('\n').LastOrDefault(static line => line.Contains("Collector", StringComparison.Ordinal)) ?? log;
}
