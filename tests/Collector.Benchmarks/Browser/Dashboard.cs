using System.Globalization;
using Collector.Benchmarks.Load;
using Collector.Benchmarks.Support;
using static Microsoft.Playwright.Assertions;

namespace Collector.Benchmarks.Browser;

/// <summary>
/// The dashboard in a real browser before a full store: how soon it is there, how it draws a live tail, what it keeps,
/// and what a page that is only open costs the server.
/// </summary>
internal sealed class Dashboard : IBenchmark
{
    private const int Rate = 5_000;
    private const int FrameSeconds = 30;
    private const int IdleSeconds = 60;
    private const int Views = 5;

    // Told by the page itself: a MutationObserver sees the first row or figure in the same task that shows it.
    private const string TellWhenSeen = """
        window.seen = new Promise((seen) => new MutationObserver(() => {
            if (document.querySelector('.log-row .log-message, .tile dd, .bar-row')) seen(performance.now());
        }).observe(document, { childList: true, subtree: true }));
        """;

    public string Name => "dashboard";

    public string What => "the page before --rows (1000000): first view, idle cost, frames and memory over --seconds (600) of live tail";

    public async Task RunAsync(Arguments arguments, Verdicts verdicts)
    {
        using var folder = new Folder();
        await using var collector = await CollectorRun.StartAsync(folder.Path);
        var rows = arguments.Number("--rows", 1_000_000);
        await LoadProcess.RunAsync(new LoadOrder(collector.Grpc, rows));
        await collector.SealedAsync();
        await ScriptAsync(collector, verdicts);
        await FirstViewAsync(collector, verdicts);
        await IdleAsync(collector, verdicts);
        await LiveAsync(collector, rows, Math.Max(120, arguments.Number("--seconds", 600)), verdicts);
    }

    private static async Task ScriptAsync(CollectorRun collector, Verdicts verdicts)
    {
        using var client = new HttpClient();
        client.DefaultRequestHeaders.TryAddWithoutValidation("Accept-Encoding", "br");
        var html = await collector.GetTextAsync("/");
        var bytes = 0L;
        foreach (var path in html.Split('"').Where(static part => part.EndsWith(".js", StringComparison.Ordinal)).Distinct())
        {
            bytes += (await client.GetByteArrayAsync(new Uri(collector.Web, path))).Length;
        }

        verdicts.Below(150, "script, compressed", bytes / 1000.0, "KB");
    }

    // A new browser each time, with an empty profile and its cache off.
    private static async Task FirstViewAsync(CollectorRun collector, Verdicts verdicts)
    {
        foreach (var path in new[] { "/", "/logs", "/correlation?id=" + RequestTemplate.CorrelationOf(500), "/health" })
        {
            var seen = new List<double>();
            for (var i = 0; i < Views; i++)
            {
                await using var browser = await BrowserRun.StartAsync();
                await using var page = await browser.OpenAsync(new Uri(collector.Web, path), TellWhenSeen);
                seen.Add(await page.Page.EvaluateAsync<double>("window.seen"));
            }

            Verdicts.Note($"{path}: {string.Join(", ", seen.Select(static ms => $"{ms:0}"))} ms from the start of the navigation to the first figure or row");
            verdicts.Below(1000, $"first view of {path.Split('?')[0]}, median", seen.Order().ElementAt(Views / 2), "ms");
        }
    }

    private static async Task IdleAsync(CollectorRun collector, Verdicts verdicts)
    {
        var before = await CpuShareAsync(collector);
        var with = await OpenPagesAsync(collector);
        var after = await CpuShareAsync(collector);
        Verdicts.Note($"server without a page: {before:0.00} % of a core before, {after:0.00} % after");
        foreach (var (path, share) in with)
        {
            Verdicts.Note($"server with {path} open: {share:0.00} % of a core");
            verdicts.Below(0.5, $"idle page {path}, cost to the server", Math.Max(0, share - Math.Min(before, after)), "% of a core");
        }
    }

    private static async Task<List<(string Path, double Share)>> OpenPagesAsync(CollectorRun collector)
    {
        var shares = new List<(string Path, double Share)>();
        await using var browser = await BrowserRun.StartAsync();
        foreach (var path in new[] { "/", "/logs", "/health" })
        {
            await using var page = await browser.OpenAsync(new Uri(collector.Web, path));
            await Expect(page.Page.Locator(".log-row .log-message, .tile dd").First).ToBeVisibleAsync();
            // What the page asks when it is opened is not what it costs to leave it open.
            await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System);
            shares.Add((path, await CpuShareAsync(collector)));
        }

        return shares;
    }

    private static async Task<double> CpuShareAsync(CollectorRun collector)
    {
        var before = collector.Figures.CpuSeconds;
        await Task.Delay(TimeSpan.FromSeconds(IdleSeconds), TimeProvider.System);
        return (collector.Figures.CpuSeconds - before) / IdleSeconds * 100;
    }

    private static async Task LiveAsync(CollectorRun collector, long first, long seconds, Verdicts verdicts)
    {
        await using var browser = await BrowserRun.StartAsync();
        await using var page = await browser.OpenAsync(new Uri(collector.Web, "/logs"));
        await Expect(page.Page.Locator(".list-state")).ToHaveTextAsync("Live");
        var before = await CountAsync(page);
        var rows = (seconds + 30) * Rate;
        var load = LoadProcess.RunAsync(new LoadOrder(collector.Grpc, rows) { Rate = Rate, First = first });
        await Task.Delay(TimeSpan.FromSeconds(10), TimeProvider.System);
        await BlankAsync();
        await FramesAsync(page, verdicts);
        await HeapAsync(page, seconds - FrameSeconds - 10, verdicts);
        var report = await load;
        Verdicts.Note($"{report.RowsPerSecond:#,##0} rows/s arrived");
        await Expect(page.Page.GetByTestId("came-in")).ToHaveAttributeAsync("data-count", (before + rows).ToString(CultureInfo.InvariantCulture), new() { Timeout = 20_000 });
        Verdicts.Note($"shown and skipped together are the {rows:#,##0} rows that arrived");
    }

    // What the machine gives a page that does nothing, under the same load.
    private static async Task BlankAsync()
    {
        await using var browser = await BrowserRun.StartAsync();
        await using var page = await browser.OpenAsync(new Uri("about:blank"));
        Verdicts.Note($"a blank page meanwhile: {await page.FramesAsync(FrameSeconds / 2)}");
    }

    private static async Task FramesAsync(PageRun page, Verdicts verdicts)
    {
        var (main, all) = (await page.MainThreadSecondsAsync(), BrowserRun.CpuSeconds);
        var frames = await page.FramesAsync(FrameSeconds);
        Verdicts.Note($"{FrameSeconds} s of live tail at {Rate:#,##0} rows/s: {frames}");
        Verdicts.Note($"CPU: the page's main thread {(await page.MainThreadSecondsAsync() - main) / FrameSeconds * 100:0} % of a core, "
            + $"all of the browser {(BrowserRun.CpuSeconds - all) / FrameSeconds * 100:0} %");
        verdicts.AtLeast(1, "live tail, frames in the worst second", new Figure(frames.WorstSecond, "frames"), new Figure(30, "frames (the bar)"));
    }

    private static async Task HeapAsync(PageRun page, long seconds, Verdicts verdicts)
    {
        var heap = new List<double> { await page.HeapMegabytesAsync() };
        for (var left = seconds; left >= 60; left -= 60)
        {
            await Task.Delay(TimeSpan.FromSeconds(60), TimeProvider.System);
            heap.Add(await page.HeapMegabytesAsync());
        }

        Verdicts.Note($"heap after collecting garbage, each minute: {string.Join(", ", heap.Select(static mb => $"{mb:0.0}"))} MB");
        verdicts.AtMost(1.1, "memory of the page, the last minute against the first", new Figure(heap[^1], "MB"), new Figure(heap[0], "MB"));
    }

    private static async Task<long> CountAsync(PageRun page) =>
        long.Parse((await page.Page.GetByTestId("came-in").GetAttributeAsync("data-count"))!, CultureInfo.InvariantCulture);
}
