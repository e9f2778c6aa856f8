using Collector.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Collector.Tests.Browser;

/// <summary>Takes the README's pictures, with a million rows behind them: LONG_TESTS=1.</summary>
[Collection(BrowserCollection.Name)]
public sealed class Pictures(DashboardFixture dashboard)
{
    private const int Orders = 50_000;

    // One of those that failed while the bank did not answer.
    private const int Failed = 32_120;

    [LongFact]
    public async Task Each_page_is_pictured_in_both_themes_and_widths_before_a_million_rows()
    {
        using var data = new TemporaryFolder();
        await FillAsync(data.Path);
        await using var collector = await CollectorProcess.StartOnAsync(data.Path);
        (await collector.LedgerAsync()).Stored.ShouldBeGreaterThan(1_000_000);
        using var stop = new CancellationTokenSource();
        var ticking = TickAsync(collector, stop.Token);
        var folder = Directory.CreateDirectory(Repository.PathOf("docs", "dashboard")).FullName;
        foreach (var (name, path, part) in new[]
        {
            ("overview", "/", ".chart canvas"),
            ("logs", "/logs?level=warn", "#logs .log-row:has(.kind:text-is('exception'))"),
            ("correlation", "/correlation?id=" + Traffic.IdOf(Failed), ".bar-row"),
            ("health", "/health", "table"),
        })
        {
            foreach (var (suffix, width, theme) in new[]
            {
                ("", 1280, ColorScheme.Light), ("-dark", 1280, ColorScheme.Dark),
                ("-narrow", 390, ColorScheme.Light), ("-narrow-dark", 390, ColorScheme.Dark),
            })
            {
                await using var page = await dashboard.OpenAsync(path, width, theme, collector);
                await TakeAsync(page, Path.Combine(folder, name + suffix + ".png"), page.Page.Locator(part).First, name);
            }
        }

        await stop.CancelAsync();
        await ticking;
    }

    // Something is going on while the pictures are taken.
    private static async Task TickAsync(CollectorProcess collector, CancellationToken stop)
    {
        using var wire = new Wire();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        var bound = new LoopBound(TimeSpan.FromMinutes(10));
        for (var tick = 0; !stop.IsCancellationRequested && bound.Holds(); tick++)
        {
            var now = (ulong)TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;
            var records = Enumerable.Range(0, 20).Select(i => OtlpMessage.Record(now, $"message {(tick * 20) + i} is delivered")).ToArray();
            await wire.GrpcAsync(collector.Grpc, Wire.LogsMethod, Wire.Frame(OtlpMessage.Logs("mailer", records)));
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private static async Task FillAsync(string folder)
    {
        await using (var collector = await CollectorProcess.StartOnAsync(folder, "--Storage:SegmentRows=400000"))
        {
            await new Traffic(collector, TimeProvider.System.GetUtcNow(), Orders).SendAsync();
            await collector.TerminateAsync();
        }

        await Losses.MakeAsync(folder);
    }

    private static async Task TakeAsync(DashboardPage page, string file, ILocator part, string name)
    {
        await Expect(part).ToBeVisibleAsync();
        if (name == "logs" && page.Page.ViewportSize!.Width > 500)
        {
            await part.ClickAsync();
        }

        // Every part has its answer by then, and the charts of what happens now a line; nothing is asserted that hangs on it.
        await page.Page.WaitForTimeoutAsync(name == "health" ? 30_000 : 2_500);
        await page.Page.ScreenshotAsync(new() { Path = file });
        new FileInfo(file).Length.ShouldBeGreaterThan(10_000);
    }
}
