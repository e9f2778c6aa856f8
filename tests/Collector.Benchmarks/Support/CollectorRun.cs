using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Collector.Benchmarks.Support;

/// <summary>Collector in a process of its own, on free ports of loopback; ends when disposed.</summary>
internal sealed partial class CollectorRun : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpClient _client = new();
    private readonly StringBuilder _log = new();
    private readonly TaskCompletionSource<Match> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private CollectorRun(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => Read(line.Data);
        _process.Exited += (_, _) => _listening.TrySetException(new InvalidOperationException($"Collector has exited:\n{_log}"));
    }

    public IPEndPoint Grpc { get; private set; } = new(IPAddress.Loopback, 0);

    public IPEndPoint Http { get; private set; } = new(IPAddress.Loopback, 0);

    public Uri Web { get; private set; } = new("http://127.0.0.1/");

    public ProcFigures Figures => new(_process.Id);

    /// <summary>From the start of the process to the first answer 200 of <c>/readyz</c>.</summary>
    public TimeSpan TimeToReady { get; private set; }

    /// <summary>The one that was built with this program, by <c>dotnet Collector.dll</c>.</summary>
    public static Task<CollectorRun> StartAsync(string folder, params string[] settings) =>
        StartAsync("dotnet", [Path.Combine(AppContext.BaseDirectory, "Collector.dll")], folder, settings);

    public static async Task<CollectorRun> StartAsync(string program, string[] arguments, string folder, params string[] settings)
    {
        string[] all =
        [
            .. arguments, "--Listen:Grpc=127.0.0.1:0", "--Listen:Http=127.0.0.1:0", "--Listen:Web=127.0.0.1:0",
            $"--Storage:Path={folder}", $"--Spool:Path={Path.Combine(folder, "spool")}", .. settings,
        ];
        var run = new CollectorRun(new ProcessStartInfo(program, all) { WorkingDirectory = folder });
        try
        {
            await run.BeginAsync();
            return run;
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    public async Task<JsonElement> GetAsync(string path)
    {
        var text = await GetTextAsync(path);
        return JsonDocument.Parse(text).RootElement;
    }

    public Task<string> GetTextAsync(string path) => _client.GetStringAsync(new Uri(Web, path));

    /// <summary>Waits until no full segment is left to be sealed.</summary>
    public async Task<CollectorRun> SealedAsync()
    {
        var since = Stopwatch.GetTimestamp();
        while ((await GetAsync("api/status")).GetProperty("store").GetProperty("unsealed").GetInt32() > 0)
        {
            if (Stopwatch.GetElapsedTime(since) > TimeSpan.FromMinutes(10))
            {
                throw new TimeoutException("Segments were not sealed within ten minutes.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        return this;
    }

    /// <summary>Rows that are in sealed segments.</summary>
    public async Task<long> SealedRowsAsync() => (await GetAsync("api/storage")).GetProperty("segments").EnumerateArray()
        .Where(static s => s.GetProperty("state").GetString() == "sealed").Sum(static s => s.GetProperty("rows").GetInt64());

    /// <summary>A figure of <c>/metrics</c>, summed over its labels where it has some.</summary>
    public async Task<double> MetricAsync(string name)
    {
        var lines = (await GetTextAsync("metrics")).Split('\n').Where(l => l.StartsWith(name + " ", StringComparison.Ordinal)
            || l.StartsWith(name + "{", StringComparison.Ordinal)).ToArray();
        return lines.Length > 0
            ? lines.Sum(static l => double.Parse(l[(l.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture))
            : throw new InvalidOperationException($"/metrics has no {name}.");
    }

    /// <summary>Asks it to stop, and waits until it has.</summary>
    public async Task StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await _process.WaitForExitAsync(timeout.Token);
    }

    public async ValueTask DisposeAsync()
    {
        Children.Remove(_process);
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _client.Dispose();
    }

    private async Task BeginAsync()
    {
        var since = Stopwatch.GetTimestamp();
        _process.Start();
        Children.Add(_process);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        var match = await _listening.Task.WaitAsync(TimeSpan.FromMinutes(1));
        Grpc = IPEndPoint.Parse(match.Groups["grpc"].Value);
        Http = IPEndPoint.Parse(match.Groups["http"].Value);
        Web = new Uri($"http://{match.Groups["web"].Value}/");
        while (!await IsReadyAsync())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System);
        }

        TimeToReady = Stopwatch.GetElapsedTime(since);
    }

    private async Task<bool> IsReadyAsync()
    {
        using var answer = await _client.GetAsync(new Uri(Web, "readyz"));
        return answer.IsSuccessStatusCode;
    }

    private void Read(string? line)
    {
        lock (_log)
        {
            _log.AppendLine(line);
        }

        if (line is not null && Listening().Match(line) is { Success: true } match)
        {
            _listening.TrySetResult(match);
        }
    }

    [GeneratedRegex(@"OTLP/gRPC on (?<grpc>\S+), OTLP/HTTP on (?<http>\S+), API on http://(?<web>[^;\s]+);")]
    private static partial Regex Listening();
}
