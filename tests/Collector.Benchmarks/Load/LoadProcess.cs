using System.Diagnostics;
using System.Text.Json;
using Collector.Benchmarks.Support;

namespace Collector.Benchmarks.Load;

/// <summary>Runs the load in another process: this program once more.</summary>
internal static class LoadProcess
{
    // A Collector that takes less than this is stuck.
    private const int SlowestRowsPerSecond = 1_000;

    /// <summary>Sends what was ordered; returns the report of the whole.</summary>
    /// <param name="order">What to send.</param>
    /// <param name="onStretch">Called as soon as a stretch has ended.</param>
    public static async Task<LoadReport> RunAsync(LoadOrder order, Func<LoadReport, Task>? onStretch = null)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, order.ToArguments()) { RedirectStandardOutput = true };
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60 + (order.Rows / SlowestRowsPerSecond)));
        using var process = Process.Start(start)!;
        Children.Add(process);
        try
        {
            LoadReport? total = null;
            while (await process.StandardOutput.ReadLineAsync(timeout.Token) is { } line)
            {
                var report = JsonSerializer.Deserialize(line, LoadJson.Default.LoadReport)!;
                total = report.IsTotal ? report : total;
                if (!report.IsTotal && onStretch is not null)
                {
                    await onStretch(report);
                }
            }

            await process.WaitForExitAsync(timeout.Token);
            return process.ExitCode == 0 && total is not null
                ? total
                : throw new InvalidOperationException($"The load has failed with exit code {process.ExitCode}.");
        }
        finally
        {
            Children.Remove(process);
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }
}
