using System.Text.RegularExpressions;
using Collector.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Collector.Tests.Browser;

/// <summary>One request from end to end.</summary>
[Collection(BrowserCollection.Name)]
public sealed class CorrelationTests(DashboardFixture dashboard)
{
    [BrowserFact]
    public async Task A_click_leads_from_a_row_to_the_waterfall_of_its_request()
    {
        await using var page = await dashboard.OpenAsync("/logs?correlation_id=order-5&level=error&live=0");
        await page.Rows.First.ClickAsync();
        await page.Details.GetByText("Show the whole correlation").ClickAsync();

        await Expect(page.Page.Locator(".bar-row")).ToHaveCountAsync(4);
        page.Address.ShouldBe("/correlation?id=order-5");
        await Expect(page.Page.Locator(".bar-name")).ToHaveTextAsync(["POST /orders", "charge", "payments.Charge", "SELECT cards"]);
        await Expect(page.Page.Locator(".mark")).ToHaveCountAsync(2);
        await Expect(page.Page.Locator(".correlation-head")).ToContainTextAsync("300 ms");
        await Expect(page.Page.Locator(".bar-row.has-error")).ToHaveCountAsync(1);
    }

    [BrowserFact]
    public async Task The_list_is_in_step_with_the_waterfall()
    {
        await using var page = await dashboard.OpenAsync("/correlation?id=order-5");
        await page.Page.Locator(".bar-row").Nth(2).ClickAsync();
        await Expect(page.Page.Locator("#rows .log-row[aria-selected=true]")).ToContainTextAsync("payments.Charge");
        await page.Page.Locator("#rows .log-row", new() { HasText = "card declined" }).ClickAsync();
        await Expect(page.Page.Locator(".bar-row[aria-selected=true]")).ToContainTextAsync("payments.Charge");
        await Expect(page.Page.Locator(".mark[data-selected=true]")).ToHaveCountAsync(1);
    }

    [BrowserFact]
    public async Task A_window_of_time_zooms_both_and_is_in_the_address()
    {
        await using var page = await dashboard.OpenAsync("/correlation?id=order-5");
        var map = (await page.Page.Locator(".minimap").BoundingBoxAsync())!;
        await page.Page.Mouse.MoveAsync(map.X + (map.Width * 0.5f), map.Y + 10);
        await page.Page.Mouse.DownAsync();
        await page.Page.Mouse.MoveAsync(map.X + (map.Width * 0.9f), map.Y + 10);
        await page.Page.Mouse.UpAsync();

        await page.ShowsAsync("in the window");
        page.Address.ShouldContain("zoom=");
        await page.Page.GoBackAsync();
        await Expect(page.Page.Locator("#rows .log-row")).ToHaveCountAsync(6);
    }

    [BrowserFact]
    public async Task An_id_that_is_pasted_is_found_and_one_that_nobody_has_is_said_to_be_unknown()
    {
        await using var page = await dashboard.OpenAsync("/correlation");
        var box = page.Page.GetByRole(Microsoft.Playwright.AriaRole.Textbox);
        await box.FillAsync("nobody");
        await box.PressAsync("Enter");
        await page.ShowsAsync("No row has this id");

        await box.FillAsync(" 01010101010101010101010101010101 ");
        await box.PressAsync("Enter");
        await Expect(page.Page.Locator(".bar-row")).ToHaveCountAsync(4);
    }

    [BrowserFact]
    public async Task Keys_zoom_and_move_the_window()
    {
        await using var page = await dashboard.OpenAsync("/correlation?id=order-5");
        await page.Page.Locator(".minimap").FocusAsync();
        await page.Page.Keyboard.PressAsync("+");
        await Expect(page.Page).ToHaveURLAsync(new Regex("zoom=75-225$"));
        await page.Page.Keyboard.PressAsync("ArrowRight");
        await Expect(page.Page).ToHaveURLAsync(new Regex("zoom=112.5-262.5$"));
        await page.Page.Keyboard.PressAsync("0");
        await Expect(page.Page).ToHaveURLAsync(new Regex("id=order-5$"));
    }

    [BrowserFact]
    public async Task Times_are_raw_until_the_marked_toggle_sets_another_clock_right()
    {
        await using var collector = await CollectorProcess.StartAsync();
        await new Traffic(collector, TimeProvider.System.GetUtcNow(), orders: 1).SendAsync();
        await using var page = await dashboard.OpenAsync("/correlation?id=" + Traffic.IdOf(0), collector: collector);
        var late = page.Page.Locator(".bar-row", new() { HasText = "Inventory.Reserve" });
        await page.ShowsAsync("Times as they were sent");
        await Expect(late).ToContainTextAsync("at 0 ms");

        await page.Page.GetByLabel("Adjust clock skew").CheckAsync();
        await page.ShowsAsync("Times are adjusted, not as they were sent");
        await Expect(late).ToContainTextAsync("moved by");
        page.Address.ShouldContain("skew=adjusted");
    }

    [BrowserFact]
    public async Task A_young_request_is_asked_for_again_by_itself()
    {
        using var wire = new Wire();
        await SendAsync(wire, "first");
        await using var page = await dashboard.OpenAsync("/correlation?id=young");
        await page.ShowsAsync("Still young");
        await Expect(page.Page.Locator("#rows .log-row")).ToHaveCountAsync(1);

        await SendAsync(wire, "second");
        await Expect(page.Page.Locator("#rows .log-row")).ToHaveCountAsync(2);
    }

    private async Task SendAsync(Wire wire, string text)
    {
        var now = (ulong)TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;
        await wire.GrpcAsync(dashboard.Collector.Grpc, Wire.LogsMethod, Wire.Frame(
            OtlpMessage.Logs("young", OtlpMessage.Record(now, text, OtlpMessage.Correlated("young")))));
    }
}
