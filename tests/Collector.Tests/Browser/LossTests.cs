using Collector.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Collector.Tests.Browser;

/// <summary>What was refused and what was lost is seen on every page.</summary>
[Collection(BrowserCollection.Name)]
public sealed class LossTests(DashboardFixture dashboard)
{
    // Drawn as in chartStyle.ts: a bar of three pixels in the colour of errors on top of each gap.
    private const string ChartsWithAGap = """
        () => [...document.querySelectorAll('.chart canvas')].filter((canvas) => {
            const error = getComputedStyle(document.documentElement).getPropertyValue('--error').trim();
            const [r, g, b] = [1, 3, 5].map((at) => parseInt(error.slice(at, at + 2), 16));
            const { data, width } = canvas.getContext('2d').getImageData(0, 0, canvas.width, 14);
            return data.some((_, i) => i % 4 === 0 && data[i] === r && data[i + 1] === g && data[i + 2] === b && data[i + 3] === 255);
        }).length
        """;

    [BrowserFact]
    public async Task A_gap_is_on_every_time_axis_and_the_ledger_has_dropped_in_red_and_refused_in_amber()
    {
        using var folder = new TemporaryFolder();
        await Losses.MakeAsync(folder.Path);
        await using var collector = await CollectorProcess.StartOnAsync(folder.Path);

        await using var page = await dashboard.OpenAsync("/?from=15m", collector: collector);
        await ShowsGapsAsync(page.Page, charts: 3);
        await page.Page.GotoAsync("/logs?from=15m");
        await ShowsGapsAsync(page.Page, charts: 1);
        await page.Page.GotoAsync("/correlation?id=" + Losses.Correlation);
        await Expect(page.Page.Locator(".axis-gap").First).ToBeAttachedAsync();
        await page.ShowsAsync("missing");
        await page.Page.GotoAsync("/health");
        await ShowsGapsAsync(page.Page, charts: 2);
        await Expect(page.Page.Locator(".segments .gap").First).ToBeAttachedAsync();
        await IsInAsync(page.Page, "dropped", "--error-text");
        await IsInAsync(page.Page, "refused", "--warn-text");
    }

    private static async Task ShowsGapsAsync(IPage page, int charts)
    {
        await Expect(page.Locator(".note-error", new() { HasText = "missing" })).ToBeVisibleAsync();
        var found = 0;
        await Eventually.IsSoAsync(async () => (found = await page.EvaluateAsync<int>(ChartsWithAGap)) == charts, () => $"{found} charts have a gap");
    }

    private static async Task IsInAsync(IPage page, string column, string color)
    {
        var cell = page.Locator("tr", new() { HasText = Losses.Worker }).Locator($"[data-column={column}]");
        await Expect(cell).Not.ToHaveTextAsync("0");
        (await cell.EvaluateAsync<bool>("""
            (cell, color) => {
                const probe = document.body.appendChild(document.createElement('i'));
                probe.style.color = `var(${color})`;
                const same = getComputedStyle(cell).color === getComputedStyle(probe).color;
                probe.remove();
                return same;
            }
            """, color)).ShouldBeTrue();
    }
}
