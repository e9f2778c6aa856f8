using Microsoft.Playwright;

namespace Collector.Benchmarks.Browser;

/// <summary>An open page and the browser's own figures of it.</summary>
internal sealed class PageRun(IBrowserContext context, IPage page, ICDPSession tools) : IAsyncDisposable
{
    public IPage Page => page;

    /// <summary>What is left of the script's heap when all garbage is collected, in MB (10^6 bytes).</summary>
    public async Task<double> HeapMegabytesAsync()
    {
        await tools.SendAsync("HeapProfiler.collectGarbage");
        return await MetricAsync("JSHeapUsedSize") / 1_000_000;
    }

    /// <summary>CPU seconds of the page's main thread so far.</summary>
    public Task<double> MainThreadSecondsAsync() => MetricAsync("TaskDuration");

    /// <summary>Frames of each second, as the page itself sees them.</summary>
    public async Task<Frames> FramesAsync(int seconds)
    {
        var times = await page.EvaluateAsync<double[]>(
            """
            (seconds) => new Promise((resolve) => {
                const times = [];
                const tick = (now) => {
                    times.push(now);
                    now - times[0] < seconds * 1000 ? requestAnimationFrame(tick) : resolve(times);
                };
                requestAnimationFrame(tick);
            })
            """,
            seconds);
        return new Frames(times);
    }

    public async ValueTask DisposeAsync() => await context.DisposeAsync();

    private async Task<double> MetricAsync(string name) =>
        (await tools.SendAsync("Performance.getMetrics"))!.Value.GetProperty("metrics").EnumerateArray()
            .Single(metric => metric.GetProperty("name").GetString() == name).GetProperty("value").GetDouble();
}
