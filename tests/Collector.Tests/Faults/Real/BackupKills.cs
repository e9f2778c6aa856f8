using System.Diagnostics;
using System.Globalization;
using Collector.Tests.Support;

namespace Collector.Tests.Faults.Real;

/// <summary>
/// Backups of a running Collector, killed at a system call: what is left is no backup and says so, or it is whole. Needs a
/// version that has the command.
/// </summary>
internal sealed class BackupKills : IAsyncDisposable
{
    private const string Manifest = "manifest.json";

    private static readonly string[] _calls =
    [
        "openat", "write", "pwrite64", "fsync", "fdatasync", "ftruncate", "link", "linkat", "rename", "renameat2", "unlink", "mkdir",
        "copy_file_range",
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly Producing _producing;
    private CollectorProcess? _running;

    public BackupKills() => _producing = new Producing([new("one", 20, 60), new("two", 20, 60), new("three", 20, 60)], _client);

    private string Data => _folder.File("data");

    /// <summary>Starts what is backed up, with sealed segments and a hot one.</summary>
    public async Task PrepareAsync()
    {
        Directory.CreateDirectory(Data);
        _running = await CollectorProcess.StartOnAsync(Data, "--Storage:SegmentRows=1000");
        await _producing.SendAsync(0, 24, tries: 8, () => _running.Http, static () => true, static () => false);
        await new Answers(_client, _running.Web).SettleAsync();
    }

    /// <summary>Each trial's system call, and what came of it; until a call no longer comes so often.</summary>
    public async IAsyncEnumerable<(string Call, string Number, LifeFigures Figures)> RunAsync()
    {
        foreach (var call in _calls)
        {
            // 1, 2, 3, 5, 8, ...: the first calls are the runtime's own.
            var (number, next, isMet) = (1, 2, true);
            while (isMet && number < 5_000)
            {
                var figures = await TryAsync(call, number);
                isMet = figures.IsMet;
                yield return (call, number.ToString(CultureInfo.InvariantCulture), figures);
                (number, next) = (next, number + next);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_running is not null)
        {
            await _running.DisposeAsync();
        }

        _client.Dispose();
        _folder.Dispose();
    }

    private async Task<LifeFigures> TryAsync(string call, int number)
    {
        using var trial = new TemporaryFolder();
        var (target, restored, trace) = (trial.File("backup"), trial.File("restored"), trial.File("trace"));
        var isMet = await RunAsync([.. Strace.On(null, call, "signal=SIGKILL", $"{number}", trace).Command, "dotnet"], "backup", "--to", target, $"--Storage:Path={Data}") != 0;
        var isWhole = File.Exists(Path.Combine(target, Manifest));
        var exitCode = await RunAsync(["dotnet"], "restore", "--from", target, "--to", restored);
        var right = new LifeFigures(_producing.Acknowledged.Count, 0, 0, null, []) { IsMet = isMet };
        if (exitCode != 0)
        {
            return isWhole ? right.With($"a backup with a manifest is not restored (exit code {exitCode})") : right;
        }

        return isWhole
            ? await new RealLife().TellAsync(restored, _producing, _client) with { IsMet = isMet }
            : right.With("a folder without a manifest is restored");
    }

    private static async Task<int> RunAsync(string[] program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program[0], [.. program[1..], typeof(Host).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        await Task.WhenAll(output, errors);
        return process.ExitCode;
    }
}
