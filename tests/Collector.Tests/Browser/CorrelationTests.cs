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
}
