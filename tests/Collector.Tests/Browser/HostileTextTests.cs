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
    public async Task Characters_that_hide_or_turn_text_are_shown_as_signs_in_every_name_title_and_label()
    {
        await using var collector = await CollectorProcess.StartAsync();
        using var wire = new Wire();
        var now = (ulong)DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000_000;
        var records = Enumerable.Range(0, 3).Select(_ => OtlpMessage.Record(
            now, Hidden, OtlpMessage.Varint(2, 17), OtlpMessage.Correlated(Hidden), OtlpMessage.Attribute(6, Hidden, Hidden))).ToArray();
        await wire.GrpcAsync(collector.Grpc, Wire.LogsMethod, Wire.Frame(OtlpMessage.Logs(Hidden, records)));
        await wire.GrpcAsync(collector.Grpc, Wire.TracesMethod, Wire.Frame(OtlpMessage.Logs(Hidden, OtlpMessage.Bytes(
            2,
            OtlpMessage.Bytes(1, [.. Enumerable.Repeat((byte)0xB1, 16)]),
            OtlpMessage.Bytes(2, [.. Enumerable.Repeat((byte)0xB2, 8)]),
            OtlpMessage.Text(5, Hidden),
            OtlpMessage.Varint(6, 2),
            OtlpMessage.Fixed64(7, now),
            OtlpMessage.Fixed64(8, now + 1_000_000),
            OtlpMessage.Attribute(9, "correlation_id", Hidden),
            OtlpMessage.Bytes(15, OtlpMessage.Varint(3, 2))))));

        var id = Uri.EscapeDataString(Hidden);
        await using var page = await dashboard.OpenAsync("/logs?live=0&q=" + Uri.EscapeDataString("user\u202etxt"), collector: collector);
        await page.Rows.First.ClickAsync();
        await ShowsOnlySignsAsync(page, ".details");
        await page.Page.GotoAsync("/correlation?id=" + id);
        await page.Page.Locator(".log-row").First.ClickAsync();
        await ShowsOnlySignsAsync(page, ".bar-row");
        await page.Page.GotoAsync("/?from=15m&focus=" + id);
        await ShowsOnlySignsAsync(page, ".pick");
        await page.Page.GotoAsync("/health");
        await ShowsOnlySignsAsync(page, "tr");
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

    // What an input holds and what an option stands for is data, which must stay as it is.
    private static async Task ShowsOnlySignsAsync(DashboardPage page, string part)
    {
        await Expect(page.Page.Locator(part).Filter(new() { HasText = "‹U+202E›" }).First).ToBeAttachedAsync();
        (await page.Page.EvaluateAsync<string[]>("""
            () => {
                const hidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f]/;
                const found = [...document.querySelectorAll('*')].flatMap((el) => [
                    ...[...el.attributes].filter((a) => a.name !== 'value' && hidden.test(a.value)).map((a) => `${el.tagName} ${a.name}`),
                    ...[...el.childNodes].filter((n) => n.nodeType === 3 && hidden.test(n.data)).map(() => el.tagName),
                ]);
                return hidden.test(document.title) ? [...found, 'title'] : found;
            }
            """)).ShouldBeEmpty();
    }
}
