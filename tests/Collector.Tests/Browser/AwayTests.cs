using System.Globalization;
using Collector.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Collector.Tests.Browser;

/// <summary>The collector goes away and comes back while a page is open.</summary>
[Collection(BrowserCollection.Name)]
public sealed class AwayTests(DashboardFixture dashboard)
{
    [BrowserFact]
    public async Task The_page_says_so_keeps_what_it_shows_and_catches_up_by_itself()
    {
        using var folder = new TemporaryFolder();
        var collector = await CollectorProcess.StartOnAsync(folder.Path);
        using var producer = new Producer("comes-back");
        await producer.SendAsync(collector, 1);
        await using var page = await dashboard.OpenAsync("/health", collector: collector);
        var stored = page.Page.Locator("tr", new() { HasText = "comes-back" }).Locator("[data-column=stored]");
        await Expect(stored).ToHaveTextAsync("1");
        var port = collector.Web.Port.ToString(CultureInfo.InvariantCulture);

        await collector.TerminateAsync();
        await page.ShowsAsync("The collector is away");
        await Expect(stored).ToHaveTextAsync("1");

        await using var back = await CollectorProcess.StartOnAsync(folder.Path, "--Listen:Web=127.0.0.1:" + port);
        await producer.SendAsync(back, 2);
        await Expect(stored).ToHaveTextAsync("2");
        await Expect(page.Page.Locator(".banner")).ToHaveCountAsync(0);
        await collector.DisposeAsync();
    }
}
