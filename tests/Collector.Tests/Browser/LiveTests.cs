using Collector.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Collector.Tests.Browser;

/// <summary>Rows that arrive while somebody looks.</summary>
[Collection(BrowserCollection.Name)]
public sealed class LiveTests(DashboardFixture dashboard)
{
    [BrowserFact("/api/live")]
    public async Task New_rows_appear_at_the_top_a_pause_holds_them_back_and_going_on_misses_none()
    {
        await using var page = await dashboard.OpenAsync("/logs?worker=ticker");
        await page.ShowsAsync("Live");
        await SendAsync("tick 1");
        await Expect(page.Rows.First).ToContainTextAsync("tick 1");

        await page.Page.GetByText("Pause").ClickAsync();
        page.Address.ShouldContain("live=0");
        await SendAsync("tick 2");
        await SendAsync("tick 3");
        await Expect(page.Rows).ToHaveCountAsync(1);

        await page.Page.GetByText("Go live").ClickAsync();
        await Expect(page.Rows).ToHaveCountAsync(3);
        await Expect(page.Rows.First).ToContainTextAsync("tick 3");
    }

    [BrowserFact]
    public async Task A_burst_is_sampled_counted_exactly_and_can_be_listed_in_full()
    {
        await using var page = await dashboard.OpenAsync("/logs?worker=burst");
        await page.ShowsAsync("Live");
        using var wire = new Wire();
        for (var request = 0; request < 10; request++)
        {
            var now = (ulong)DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000_000;
            var records = Enumerable.Range(0, 1_000).Select(i => OtlpMessage.Record(now + (ulong)i, $"burst {(request * 1_000) + i}")).ToArray();
            await wire.GrpcAsync(dashboard.Collector.Grpc, Wire.LogsMethod, Wire.Frame(OtlpMessage.Logs("burst", records)));
        }

        await Expect(page.Page.GetByTestId("came-in")).ToHaveAttributeAsync("data-count", "10000");
        await page.ShowsAsync("came too fast to list");
        await page.Page.GetByText("Pause and list all").ClickAsync();
        await Expect(page.Rows.First).ToContainTextAsync("burst 9999");
        await Expect(page.Page.Locator(".skipped")).ToHaveCountAsync(0);
        await page.Page.EvaluateAsync("""
            async () => {
                const list = document.querySelector('#logs');
                const loaded = () => document.querySelector('[data-testid=loaded]').textContent;
                for (let turn = 0; turn < 10_000 && !loaded().startsWith('10,000'); turn++) {
                    list.scrollTop = list.scrollHeight;
                    await new Promise(requestAnimationFrame);
                }
                list.scrollTop = list.scrollHeight;
            }
            """);
        await Expect(page.Page.Locator("#logs")).ToContainTextAsync("burst 0");
    }

    [BrowserFact("/api/metrics")]
    public async Task A_brush_on_one_chart_zooms_all_and_back_undoes_it()
    {
        await using var page = await dashboard.OpenAsync("/?from=15m");
        await page.ShowsAsync("Failing requests");
        var plot = (await page.Page.Locator(".u-over").First.BoundingBoxAsync())!;
        await page.Page.Mouse.MoveAsync(plot.X + (plot.Width * 0.4f), plot.Y + 20);
        await page.Page.Mouse.DownAsync();
        await page.Page.Mouse.MoveAsync(plot.X + (plot.Width * 0.9f), plot.Y + 20);
        await page.Page.Mouse.UpAsync();

        await Expect(page.Page.Locator(".range-fixed")).ToBeVisibleAsync();
        page.Address.ShouldContain("to=");
        await page.Page.GoBackAsync();
        await Expect(page.Page.Locator(".range-fixed")).ToHaveCountAsync(0);
        page.Address.ShouldBe("/?from=15m");
    }

    [BrowserFact("/api/metrics")]
    public async Task The_overview_names_the_failing_worker_and_leads_to_its_errors()
    {
        await using var page = await dashboard.OpenAsync("/?from=15m");
        await page.Page.GetByLabel("8 errors of payments").ClickAsync();

        await Expect(page.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/logs\\?worker=payments&level=error&from=15m"));
    }

    private async Task SendAsync(string text)
    {
        using var wire = new Wire();
        var now = (ulong)DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000_000;
        await wire.GrpcAsync(dashboard.Collector.Grpc, Wire.LogsMethod, Wire.Frame(OtlpMessage.Logs("ticker", OtlpMessage.Record(now, text))));
    }
}
