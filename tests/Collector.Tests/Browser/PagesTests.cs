using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Collector.Tests.Browser;

/// <summary>What holds for every page.</summary>
[Collection(BrowserCollection.Name)]
public sealed class PagesTests(DashboardFixture dashboard)
{
    public static TheoryData<string, string, int, ColorScheme> Windows()
    {
        var windows = new TheoryData<string, string, int, ColorScheme>();
        foreach (var (path, part) in new[] { ("/?from=15m", ".chart canvas"), ("/logs", "#logs .log-row"), ("/correlation?id=order-5", ".bar-row"), ("/health", "table") })
        {
            windows.Add(path, part, 1280, ColorScheme.Light);
            windows.Add(path, part, 1280, ColorScheme.Dark);
            windows.Add(path, part, 390, ColorScheme.Light);
            windows.Add(path, part, 390, ColorScheme.Dark);
        }

        return windows;
    }

    [BrowserTheory]
    [MemberData(nameof(Windows))]
    public async Task A_page_fits_its_window_and_axe_finds_nothing_serious(string path, string part, int width, ColorScheme theme)
    {
        await using var page = await dashboard.OpenAsync(path, width, theme);
        await Expect(page.Page.Locator(part).First).ToBeVisibleAsync();

        (await page.Page.EvaluateAsync<int>("document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(width);
        (await page.SeriousProblemsAsync()).ShouldBeEmpty();
    }

    [BrowserFact]
    public async Task Pages_are_reached_by_keyboard_alone_and_back_leads_back()
    {
        await using var page = await dashboard.OpenAsync("/health");
        await page.Page.Keyboard.PressAsync("Tab");
        await Expect(page.Page.GetByText("Skip to the content")).ToBeFocusedAsync();
        await page.Page.Keyboard.PressAsync("Tab");
        await page.Page.Keyboard.PressAsync("Tab");
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page.Page).ToHaveTitleAsync("Logs · Collector");
        page.Address.ShouldBe("/logs");

        await page.Page.GoBackAsync();
        await Expect(page.Page).ToHaveTitleAsync("Health · Collector");
    }

    [BrowserFact]
    public async Task The_first_view_is_there_within_a_second()
    {
        var fastest = double.MaxValue;
        // Each is cold: a window of its own has nothing of the page yet. What slows one down is the machine, not the page.
        for (var i = 0; i < 3; i++)
        {
            await using var page = await dashboard.OpenAsync("/logs?live=0");
            await Expect(page.Rows.First).ToBeVisibleAsync();
            fastest = Math.Min(fastest, await page.Page.EvaluateAsync<double>("performance.getEntriesByName('first-contentful-paint')[0].startTime"));
        }

        fastest.ShouldBeLessThan(1000);
    }

    [BrowserFact]
    public async Task An_empty_store_says_how_to_send_the_first_record()
    {
        await using var empty = await Support.CollectorProcess.StartAsync();
        await using var page = await dashboard.OpenAsync("/logs?live=0", collector: empty);

        await page.ShowsAsync("Nothing here yet");
        await page.Page.GetByLabel("Copy the command").ClickAsync();
        (await page.Page.EvaluateAsync<string>("navigator.clipboard.readText()")).ShouldContain("/v1/logs");
        (await page.SeriousProblemsAsync()).ShouldBeEmpty();
    }

    [BrowserFact]
    public async Task The_ledger_tells_of_every_producer()
    {
        await using var page = await dashboard.OpenAsync("/health");
        var row = page.Page.Locator("tr", new() { HasText = "payments" });

        await Expect(row.Locator("[data-column=stored]")).ToHaveTextAsync($"{4 * Shop.Orders}");
        await Expect(row.Locator("[data-column=dropped]")).ToHaveTextAsync("0");
    }
}
