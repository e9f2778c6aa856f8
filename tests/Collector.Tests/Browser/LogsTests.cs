using static Microsoft.Playwright.Assertions;

namespace Collector.Tests.Browser;

/// <summary>The log list, read page by page.</summary>
[Collection(BrowserCollection.Name)]
public sealed class LogsTests(DashboardFixture dashboard)
{
    [BrowserTheory]
    [InlineData("level=error", 8 * 2, "error")]
    [InlineData("worker=gateway", 2 * Shop.Orders, "gateway")]
    [InlineData("correlation_id=order-7", 6, "order-7")]
    public async Task A_filter_leaves_what_it_says(string filter, int rows, string text)
    {
        await using var page = await dashboard.OpenAsync($"/logs?{filter}&live=0");

        await Expect(page.Loaded).ToHaveTextAsync($"{rows} loaded");
        await Expect(page.Page.Locator(".chip")).ToContainTextAsync(text);
        await Expect(page.Rows.First).ToBeVisibleAsync();
    }

    [BrowserTheory("/api/logs/histogram")]
    [InlineData("kind=span", 2 * Shop.Orders)]
    [InlineData("q=declined", 8)]
    [InlineData("attr.shop.region=north", 3 * Shop.Orders)]
    [InlineData("wall_time_ms>=200", 2 * Shop.Orders)]
    [InlineData("wall_time_ms>200", Shop.Orders)]
    public async Task A_filter_that_is_typed_becomes_a_chip_and_leaves_what_it_says(string filter, int rows)
    {
        await using var page = await dashboard.OpenAsync("/logs?live=0");
        await Expect(page.Rows.First).ToBeVisibleAsync();
        await page.Page.Keyboard.PressAsync("/");
        await Expect(page.Page.GetByRole(Microsoft.Playwright.AriaRole.Textbox)).ToBeFocusedAsync();
        await page.Page.Keyboard.TypeAsync(filter);
        await page.Page.Keyboard.PressAsync("Enter");

        await Expect(page.Loaded).ToHaveTextAsync($"{rows} loaded");
        await Expect(page.Page.Locator(".chip")).ToHaveCountAsync(1);
    }

    [BrowserFact]
    public async Task A_chosen_filter_is_in_the_address_and_a_link_and_back_show_the_same()
    {
        await using var page = await dashboard.OpenAsync("/logs?live=0");
        await page.Page.GetByLabel("Level").SelectOptionAsync("error");
        await Expect(page.Loaded).ToHaveTextAsync("16 loaded");
        page.Address.ShouldBe("/logs?level=error&live=0");

        await using var other = await dashboard.OpenAsync(page.Address);
        await Expect(other.Loaded).ToHaveTextAsync("16 loaded");
        await page.Page.GoBackAsync();
        await Expect(page.Loaded).ToHaveTextAsync("200 loaded");
        await Expect(page.Page.Locator(".chip")).ToHaveCountAsync(0);
    }

    [BrowserFact]
    public async Task Keys_move_open_and_close()
    {
        await using var page = await dashboard.OpenAsync("/logs?worker=payments&live=0");
        await Expect(page.Rows.First).ToBeVisibleAsync();
        await page.Page.Keyboard.PressAsync("j");
        await page.Page.Keyboard.PressAsync("j");
        await page.Page.Keyboard.PressAsync("k");
        await page.Page.Keyboard.PressAsync("j");
        await Expect(page.Rows.Nth(1)).ToHaveAttributeAsync("aria-selected", "true");
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page.Details).ToBeVisibleAsync();
        page.Address.ShouldContain("row=");

        await page.Page.Keyboard.PressAsync("Escape");
        await Expect(page.Details).ToHaveCountAsync(0);
        await page.Page.Keyboard.PressAsync("/");
        await Expect(page.Page.GetByRole(Microsoft.Playwright.AriaRole.Textbox)).ToBeFocusedAsync();
    }

    [BrowserFact]
    public async Task An_open_row_is_a_tree_whose_values_filter_and_copy()
    {
        await using var page = await dashboard.OpenAsync("/logs?correlation_id=order-7&live=0");
        await page.Rows.First.ClickAsync();
        await Expect(page.Details).ToContainTextAsync("shop.region");
        await page.Details.GetByLabel("Copy shop.region").ClickAsync();
        (await page.Page.EvaluateAsync<string>("navigator.clipboard.readText()")).ShouldBe("south");

        await page.Details.GetByLabel("Filter by shop.region = south").ClickAsync();
        page.Address.ShouldContain("attr.shop.region=south");
        await Expect(page.Page.Locator(".chip")).ToHaveCountAsync(2);
    }

    [BrowserFact]
    public async Task A_link_to_a_row_opens_it()
    {
        await using var page = await dashboard.OpenAsync("/logs?live=0");
        await page.Rows.Nth(3).ClickAsync();
        await Expect(page.Details).ToBeVisibleAsync();

        await using var other = await dashboard.OpenAsync(page.Address);
        await Expect(other.Details).ToBeVisibleAsync();
        (await other.Details.InnerTextAsync()).ShouldBe(await page.Details.InnerTextAsync());
    }

    [BrowserFact]
    public async Task Enter_after_j_opens_the_row_even_where_a_button_was_clicked_before()
    {
        await using var page = await dashboard.OpenAsync("/logs?worker=payments");
        await page.Page.GetByText("Pause").ClickAsync();
        await page.Page.Keyboard.PressAsync("j");
        await page.Page.Keyboard.PressAsync("Enter");

        await Expect(page.Details).ToBeVisibleAsync();
        page.Address.ShouldContain("live=0");
    }

    [BrowserTheory]
    [InlineData("level=loud", "level:")]
    [InlineData("wall_time_ms>=long", "wall_time_ms")]
    public async Task A_filter_that_the_API_does_not_take_is_named_and_not_mistaken_for_an_absent_collector(string filter, string named)
    {
        await using var page = await dashboard.OpenAsync("/logs?" + filter);

        await Expect(page.Page.GetByRole(Microsoft.Playwright.AriaRole.Alert).Filter(new() { HasText = "The rows" })).ToContainTextAsync(named);
        await Expect(page.Page.Locator(".banner")).ToHaveCountAsync(0);
    }
}
