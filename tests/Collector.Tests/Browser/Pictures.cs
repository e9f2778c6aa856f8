using Collector.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Collector.Tests.Browser;

/// <summary>Takes the README's pictures, of the shop that the tests read: LONG_TESTS=1.</summary>
[Collection(BrowserCollection.Name)]
public sealed class Pictures(DashboardFixture dashboard)
{
    [LongFact]
    public async Task Each_page_is_pictured_in_both_themes_and_widths()
    {
        var folder = Directory.CreateDirectory(Repository.PathOf("docs", "dashboard")).FullName;
        foreach (var (name, path, part) in new[]
        {
            ("overview", "/?from=5m", ".chart canvas"),
            ("logs", "/logs?from=5m", "#logs .log-row"),
            ("correlation", "/correlation?id=order-5", ".bar-row"),
            ("health", "/health", "table"),
        })
        {
            await TakeAsync(Path.Combine(folder, name + ".png"), path, part, 1280, ColorScheme.Light);
            await TakeAsync(Path.Combine(folder, name + "-dark.png"), path, part, 1280, ColorScheme.Dark);
            await TakeAsync(Path.Combine(folder, name + "-narrow.png"), path, part, 390, ColorScheme.Light);
        }
    }

    private async Task TakeAsync(string file, string path, string part, int width, ColorScheme theme)
    {
        await using var page = await dashboard.OpenAsync(path, width, theme);
        await Expect(page.Page.Locator(part).First).ToBeVisibleAsync();
        // Every part has its answer by then; nothing is asserted that hangs on it.
        await page.Page.WaitForTimeoutAsync(1_500);
        await page.Page.ScreenshotAsync(new() { Path = file });
        new FileInfo(file).Length.ShouldBeGreaterThan(10_000);
    }
}
