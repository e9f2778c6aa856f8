using System.Globalization;
using System.Text.RegularExpressions;
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

    [BrowserFact]
    public async Task A_live_tail_goes_on_behind_what_it_has_when_the_collector_is_restarted()
    {
        using var folder = new TemporaryFolder();
        await using var collector = await CollectorProcess.StartOnAsync(folder.Path);
        await SendAsync(collector, "before");
        await using var page = await dashboard.OpenAsync("/logs?worker=tail", collector: collector);
        await Expect(page.Rows).ToHaveTextAsync([Ending("before")]);
        var port = collector.Web.Port.ToString(CultureInfo.InvariantCulture);

        await collector.KillAsync();
        await page.ShowsAsync("The collector is away");
        await Expect(page.Rows).ToHaveTextAsync([Ending("before")]);

        await using var back = await CollectorProcess.StartOnAsync(folder.Path, "--Listen:Web=127.0.0.1:" + port);
        await SendAsync(back, "while it was reconnecting");
        await Expect(page.Rows).ToHaveTextAsync([Ending("while it was reconnecting"), Ending("before")]);
        await Expect(page.Page.Locator(".banner")).ToHaveCountAsync(0);
        await page.ShowsAsync("Live");
    }

    [BrowserFact]
    public async Task The_overview_keeps_its_figures_and_catches_up()
    {
        using var folder = new TemporaryFolder();
        await using var collector = await CollectorProcess.StartOnAsync(folder.Path);
        await SendAsync(collector, "one");
        await using var page = await dashboard.OpenAsync("/?from=15m", collector: collector);
        var records = page.Page.Locator(".tile", new() { HasText = "Records" });
        await Expect(records).ToContainTextAsync("1 in all");
        var port = collector.Web.Port.ToString(CultureInfo.InvariantCulture);

        await collector.KillAsync();
        await page.ShowsAsync("The collector is away");
        await Expect(records).ToContainTextAsync("1 in all");

        await using var back = await CollectorProcess.StartOnAsync(folder.Path, "--Listen:Web=127.0.0.1:" + port);
        await SendAsync(back, "two");
        await Expect(records).ToContainTextAsync("2 in all");
        await Expect(page.Page.Locator(".banner")).ToHaveCountAsync(0);
    }

    [BrowserFact]
    public async Task A_page_that_has_nothing_to_ask_says_so_too()
    {
        await using var collector = await CollectorProcess.StartAsync();
        using var wire = new Wire();
        var longAgo = (ulong)TimeProvider.System.GetUtcNow().AddDays(-6).ToUnixTimeMilliseconds() * 1_000_000;
        await wire.GrpcAsync(collector.Grpc, Wire.LogsMethod, Wire.Frame(
            OtlpMessage.Logs("old", OtlpMessage.Record(longAgo, "long ago", OtlpMessage.Correlated("old-one")))));
        await using var page = await dashboard.OpenAsync("/correlation?id=old-one", collector: collector);
        await page.ShowsAsync("long ago");

        await collector.KillAsync();
        await page.ShowsAsync("The collector is away");
        await page.ShowsAsync("long ago");
    }

    private static Regex Ending(string text) => new(Regex.Escape(text) + "$");

    private static async Task SendAsync(CollectorProcess collector, string text)
    {
        using var wire = new Wire();
        var now = (ulong)TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;
        (await wire.GrpcAsync(collector.Grpc, Wire.LogsMethod, Wire.Frame(OtlpMessage.Logs("tail", OtlpMessage.Record(now, text))))).Status.ShouldBe(0);
    }
}
