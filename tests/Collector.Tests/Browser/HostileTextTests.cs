using Collector.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Collector.Tests.Browser;

/// <summary>Log text that would like to be more than text.</summary>
[Collection(BrowserCollection.Name)]
public sealed class HostileTextTests(DashboardFixture dashboard)
{
    private const string Markup = "<img src=x onerror=alert(1)><script>alert(2)</script>";
    private const string Link = "see javascript:alert(3) and https://good.example/a?b=1";
    private const string Hidden = "\u001b[31mred\u001b[0m and user\u202etxt.exe";

    [BrowserFact]
    public async Task Text_stays_text_wherever_it_is_shown()
    {
        using var wire = new Wire();
        var now = (ulong)DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000_000;
        var records = new[] { Markup, Link, Hidden }.Select(text =>
            OtlpMessage.Record(now, text, OtlpMessage.Correlated(Markup), OtlpMessage.Attribute(6, Markup, Link + Hidden))).ToArray();
        await wire.GrpcAsync(dashboard.Collector.Grpc, Wire.LogsMethod, Wire.Frame(OtlpMessage.Logs(Markup, records)));

        await using var page = await dashboard.OpenAsync("/logs?live=0&worker=" + Uri.EscapeDataString(Markup));
        await Expect(page.Rows).ToHaveCountAsync(3);
        await page.ShowsAsync(Markup);
        await page.ShowsAsync("␛[31mred");
        await page.ShowsAsync("user‹U+202E›txt.exe");
        await page.Rows.Nth(1).ClickAsync();
        var links = page.Details.Locator("a[target=_blank]");
        await Expect(links.First).ToHaveAttributeAsync("href", "https://good.example/a?b=1");
        await Expect(links.First).ToHaveAttributeAsync("rel", "noopener noreferrer");
        foreach (var path in new[] { "/correlation?id=" + Uri.EscapeDataString(Markup), "/health", "/" })
        {
            await page.Page.GotoAsync(path);
            await Expect(page.Page.Locator("h1")).ToHaveCountAsync(1);
            await Expect(page.Page.Locator("main img, main script, a[href^='javascript:']")).ToHaveCountAsync(0);
        }
    }

    [BrowserFact]
    public async Task An_inline_script_that_gets_into_the_page_does_not_run()
    {
        await using var page = await dashboard.OpenAsync("/logs?live=0");
        var ran = await page.Page.EvaluateAsync<bool>("""
            () => {
                const script = document.createElement('script');
                try { script.textContent = 'window.ran = true'; } catch { return false; }
                document.body.append(script);
                return window.ran === true;
            }
            """);

        ran.ShouldBeFalse();
    }
}
