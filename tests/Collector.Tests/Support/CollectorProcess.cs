using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Collector.Pipeline.Ledger;

namespace Collector.Tests.Support;

/// <summary>
/// The real Collector in a process of its own, on free ports, with a data folder of its own. Ends with the test.
/// </summary>
internal sealed partial class CollectorProcess : IAsyncDisposable
{
    // Answers of many rows take long to check, and say no more than those of few.
    private const int MaxChecked = 64 * 1024;

    /// <summary>The longest that is legal.</summary>
    public const string KeepsForYears = "--Retention:MaxAge=3650.00:00:00";

    /// <summary>The program. Experiments that compare versions name another one's.</summary>
    public static readonly string Binary =
        Environment.GetEnvironmentVariable("FAULT_BINARY") ?? Path.Combine(AppContext.BaseDirectory, "Collector.dll");

    // A mount namespace of its own, which ends with the process.
    private static readonly Wrapping _readOnlyRoot = new(["unshare", "--mount", "sh", "-c", "mount -o remount,ro,bind / && exec \"$@\"", "sh"]);

    private readonly Process _process;
    private readonly StringBuilder _log = new();
    private readonly TaskCompletionSource<Match> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly bool _ownsFolder;
    private readonly bool _isWrapped;

    private CollectorProcess(string folder, bool ownsFolder, IEnumerable<string> settings, Wrapping? wrapping = null)
    {
        Folder = folder;
        _ownsFolder = ownsFolder;
        _isWrapped = wrapping is { Command.Count: > 0 };
        _process = new Process { StartInfo = Wrap(StartInfo(folder, settings), wrapping), EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => Read(line.Data);
        _process.Exited += (_, _) => _listening.TrySetException(new InvalidOperationException($"Collector has exited:\n{Log}"));
    }

    /// <summary>The data folder.</summary>
    public string Folder { get; }

    /// <summary>Of Collector itself, also where another program runs it.</summary>
    public int Id => _isWrapped ? ChildOf(_process.Id) ?? _process.Id : _process.Id;

    public bool HasExited => _process.HasExited;

    public IPEndPoint Grpc { get; private set; } = new(IPAddress.Loopback, 0);

    public IPEndPoint Http { get; private set; } = new(IPAddress.Loopback, 0);

    public IPEndPoint Web { get; private set; } = new(IPAddress.Loopback, 0);

    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    /// <summary>Peak resident memory so far, in bytes.</summary>
    public long PeakMemory =>
        long.Parse(File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("VmHWM", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture) * 1024;

    public static string NewFolder() => Directory.CreateTempSubdirectory("collector-test-").FullName;

    /// <summary>Starts it and waits until it listens.</summary>
    public static async Task<CollectorProcess> StartAsync(params string[] settings)
    {
        var process = new CollectorProcess(NewFolder(), ownsFolder: true, settings);
        await process.RunAsync();
        return process;
    }

    /// <summary>Starts it on a folder that the test keeps.</summary>
    public static async Task<CollectorProcess> StartOnAsync(string folder, params string[] settings)
    {
        var process = new CollectorProcess(folder, ownsFolder: false, settings);
        await process.RunAsync();
        return process;
    }

    /// <summary>Starts it where nothing can be written but a mounted folder; needs the right to mount.</summary>
    public static async Task<CollectorProcess> StartInReadOnlyRootAsync(string folder, params string[] settings)
    {
        var process = new CollectorProcess(folder, ownsFolder: false, settings, _readOnlyRoot);
        await process.RunAsync();
        return process;
    }

    /// <summary>
    /// Starts it as the child of a program that does something to it, or in another environment; null, and its log, where it
    /// exits, or doesn't listen within a minute.
    /// </summary>
    public static async Task<(CollectorProcess? Process, string Log)> TryStartAsync(string folder, Wrapping? wrapping, params string[] settings)
    {
        var process = new CollectorProcess(folder, ownsFolder: false, settings, wrapping);
        try
        {
            await process.RunAsync().WaitAsync(TimeSpan.FromMinutes(1));
            return (process, "");
        }
        catch (Exception e) when (e is InvalidOperationException or TimeoutException)
        {
            await process.DisposeAsync();
            return (null, $"{process.Log}\n{e.GetType().Name}");
        }
    }

    /// <summary>Starts it where it is expected to give up by itself; returns its exit code and what it said.</summary>
    public static async Task<(int ExitCode, string Log)> RunToExitAsync(string folder, params string[] settings)
    {
        await using var process = new CollectorProcess(folder, ownsFolder: false, settings);
        process.Begin();
        await process._process.WaitForExitAsync();
        return (process._process.ExitCode, process.Log);
    }

    /// <summary>Ends it as a crash would.</summary>
    public async Task KillAsync()
    {
        if (_isWrapped && ChildOf(_process.Id) is { } child)
        {
            // Without what it runs, the wrapping program ends too; the other way round its child would go on.
            await SignalAsync("-KILL", child);
        }
        else
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
    }

    /// <summary>Asks it to stop, as a service manager would; returns its exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        await SignalAsync();
        return await ExitAsync();
    }

    /// <summary>Sends SIGTERM and does not wait.</summary>
    public Task SignalAsync() => SignalAsync("-TERM", Id);

    /// <summary>Waits until it has ended by itself; returns its exit code.</summary>
    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    /// <summary>Waits until its log says so.</summary>
    public Task SaysAsync(string words) => Eventually.IsSoAsync(() => Log.Contains(words, StringComparison.Ordinal), () => Log);

    /// <summary>The total of its ledger.</summary>
    public async Task<LedgerCounts> LedgerAsync()
    {
        var total = (await GetJsonAsync("/api/ledger")).GetProperty("total");
        return new LedgerCounts
        {
            Received = Of("received"),
            Stored = Of("stored"),
            Duplicate = Of("duplicate"),
            Rejected = Of("rejected"),
            Refused = Of("refused"),
            Dropped = Of("dropped"),
            Spooled = Of("spooled"),
            InFlight = Of("in_flight"),
        };

        long Of(string name) => total.GetProperty(name).GetInt64();
    }

    /// <summary>Waits until nothing is left in the spool or on the way; returns the ledger's total.</summary>
    public async Task<LedgerCounts> SettledAsync()
    {
        var last = default(LedgerCounts);
        await Eventually.IsSoAsync(
            async () =>
            {
                last = await LedgerAsync();
                last.IsBalanced.ShouldBeTrue();
                return last is { Spooled: 0, InFlight: 0 };
            },
            () => $"{last}\n{Log}");
        return last;
    }

    /// <summary>Every message of a worker, in order of time; one that is there twice comes twice.</summary>
    public async Task<List<string>> MessagesAsync(string worker)
    {
        var found = new List<string>();
        string? cursor = null;
        var bound = new LoopBound();
        do
        {
            var page = await GetJsonAsync($"/api/logs?worker={worker}&order=asc&limit=1000" + (cursor is null ? "" : $"&cursor={cursor}"));
            found.AddRange(page.GetProperty("logs").EnumerateArray().Select(row => row.GetProperty("message").GetString()!));
            cursor = page.GetProperty("next_cursor") is { ValueKind: JsonValueKind.String } next ? next.GetString() : null;
        }
        while (cursor is not null && bound.Holds());
        return found;
    }

    /// <summary>Undefined where there is no such thing.</summary>
    public async Task<JsonElement> TryGetJsonAsync(string path)
    {
        using var client = new HttpClient();
        using var response = await client.GetAsync(new Uri($"http://{Web}{path}"));
        return response.IsSuccessStatusCode ? JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement : default;
    }

    public async Task<JsonElement> GetJsonAsync(string path)
    {
        using var client = new HttpClient();
        using var response = await client.GetAsync(new Uri($"http://{Web}{path}"));
        var text = await response.Content.ReadAsStringAsync();
        response.IsSuccessStatusCode.ShouldBeTrue($"{path} answered {(int)response.StatusCode}: {text}");
        if (text.Length < MaxChecked)
        {
            ApiDocument.Check(path, (int)response.StatusCode, response.Content.Headers.ContentType?.MediaType, text);
        }

        return JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 128 }).RootElement;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
        if (_ownsFolder)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    private static ProcessStartInfo StartInfo(string folder, IEnumerable<string> settings)
    {
        string[] arguments =
        [
            Binary,
            "--Listen:Grpc=127.0.0.1:0", "--Listen:Http=127.0.0.1:0", "--Listen:Web=127.0.0.1:0",
            $"--Storage:Path={folder}", $"--Spool:Path={Path.Combine(folder, "spool")}",
            // Tests date their rows as they like, and this process has the real clock.
            KeepsForYears,
            .. settings,
        ];
        return new ProcessStartInfo("dotnet", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
    }

    private static ProcessStartInfo Wrap(ProcessStartInfo start, Wrapping? wrapping)
    {
        if (wrapping is null)
        {
            return start;
        }

        string[] line = [.. wrapping.Command, start.FileName, .. start.ArgumentList];
        var wrapped = new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = start.WorkingDirectory,
        };
        foreach (var (name, value) in wrapping.Environment)
        {
            wrapped.Environment[name] = value;
        }

        return wrapped;
    }

    private static async Task SignalAsync(string signal, int process)
    {
        using var kill = Process.Start("kill", [signal, $"{process}"]);
        await kill.WaitForExitAsync();
    }

    private static int? ChildOf(int process)
    {
        try
        {
            var children = File.ReadAllText($"/proc/{process}/task/{process}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return children.Length == 0 ? null : int.Parse(children[0], System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private async Task RunAsync()
    {
        Begin();
        var match = await _listening.Task;
        Grpc = IPEndPoint.Parse(match.Groups["grpc"].Value);
        Http = IPEndPoint.Parse(match.Groups["http"].Value);
        Web = IPEndPoint.Parse(match.Groups["web"].Value);
    }

    private void Begin()
    {
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
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

    [GeneratedRegex(@"OTLP/gRPC on (?<grpc>\S+), OTLP/HTTP on (?<http>\S+), API on https?://(?<web>[^;\s]+);")]
    private static partial Regex Listening();
}

/// <summary>What a process is started by, and in.</summary>
/// <param name="Command">A program and its arguments, which runs the command line that follows; may be empty.</param>
internal sealed record Wrapping(IReadOnlyList<string> Command)
{
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
