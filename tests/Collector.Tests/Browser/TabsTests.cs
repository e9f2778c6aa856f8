using Collector.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Collector.Tests.Browser;

/// <summary>Many tabs of one browser, which has six connections to a host: their streams may not take all of them.</summary>
[Collection(BrowserCollection.Name)]
public sealed class TabsTests(DashboardFixture dashboard)
{
    private const int Tabs = 10;

    [BrowserFact("/api/live")]
    public async Task Ten_tabs_load_show_each_new_row_and_are_one_reader()
    {
        await using var first = await dashboard.OpenAsync("/logs?worker=tabs");
        var tabs = await OpenAllAsync(first, static _ => "/logs?worker=tabs");
        await SendAsync("tabs", "for all");
        foreach (var tab in tabs)
        {
            await Expect(RowsOf(tab).First).ToContainTextAsync("for all");
        }

        await UntilReadersAsync(readers => readers == 1);

        // The one with the connection goes: another takes over, and nobody misses what comes meanwhile.
        await tabs[0].CloseAsync();
        await SendAsync("tabs", "after it went");
        foreach (var tab in tabs[1..])
        {
            await Expect(RowsOf(tab).First).ToContainTextAsync("after it went");
            await Expect(RowsOf(tab)).ToHaveCountAsync(2);
        }

        await UntilReadersAsync(readers => readers == 1);
    }

    [BrowserFact("/api/live")]
    public async Task Ten_tabs_with_a_filter_each_are_live_and_leave_connections_for_questions()
    {
        await using var first = await dashboard.OpenAsync("/logs?worker=tab-0");
        var tabs = await OpenAllAsync(first, static i => $"/logs?worker=tab-{i}");
        for (var i = 0; i < Tabs; i++)
        {
            await SendAsync($"tab-{i}", $"for tab {i}");
        }

        for (var i = 0; i < Tabs; i++)
        {
            await Expect(RowsOf(tabs[i]).First).ToContainTextAsync($"for tab {i}");
        }

        (await ReadersAsync()).ShouldBeLessThanOrEqualTo(5, "three streams, and short looks of the others");
    }

    [BrowserFact("/api/live")]
    public async Task A_hidden_tab_has_no_stream_and_misses_nothing()
    {
        await using var page = await dashboard.OpenAsync("/logs?worker=hidden");
        await page.ShowsAsync("Live");
        await SendAsync("hidden", "seen");
        await Expect(page.Rows.First).ToContainTextAsync("seen");

        await HideAsync(page.Page, true);
        await UntilReadersAsync(readers => readers == 0);
        await SendAsync("hidden", "meanwhile 1");
        await SendAsync("hidden", "meanwhile 2");
        await HideAsync(page.Page, false);
        await Expect(page.Rows).ToHaveCountAsync(3);
        await Expect(page.Rows.First).ToContainTextAsync("meanwhile 2");
    }

    private static async Task<List<IPage>> OpenAllAsync(DashboardPage first, Func<int, string> address)
    {
        var tabs = new List<IPage> { first.Page };
        for (var i = 1; i < Tabs; i++)
        {
            tabs.Add(await first.Page.Context.NewPageAsync());
            await tabs[i].GotoAsync(address(i));
        }

        foreach (var tab in tabs)
        {
            await Expect(tab.Locator(".list-state")).ToHaveTextAsync("Live");
        }

        return tabs;
    }

    private static ILocator RowsOf(IPage page) => page.Locator("#logs .log-row");

    // A headless browser shows all of its tabs.
    private static Task<System.Text.Json.JsonElement?> HideAsync(IPage page, bool isHidden) => page.EvaluateAsync(
        """
        (isHidden) => {
            Object.defineProperty(document, 'hidden', { value: isHidden, configurable: true });
            document.dispatchEvent(new Event('visibilitychange'));
        }
        """,
        isHidden);

    private async Task UntilReadersAsync(Func<double, bool> isSo) =>
        await Eventually.IsSoAsync(async () => isSo(await ReadersAsync()), () => "the readers are others");

    private async Task<double> ReadersAsync()
    {
        using var client = new HttpClient();
        return PrometheusText.Parse(await client.GetStringAsync(new Uri($"http://{dashboard.Collector.Web}/metrics")))
            .ValueOf("collector_places_taken", "kind=\"live_readers\"");
    }

    private async Task SendAsync(string worker, string text)
    {
        using var wire = new Wire();
        var now = (ulong)DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000_000;
        await wire.GrpcAsync(dashboard.Collector.Grpc, Wire.LogsMethod, Wire.Frame(OtlpMessage.Logs(worker, OtlpMessage.Record(now, text))));
    }
}
