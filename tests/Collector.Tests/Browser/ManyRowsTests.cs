using Collector.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Collector.Tests.Browser;

/// <summary>Lists and waterfalls larger than anybody reads.</summary>
[Collection(BrowserCollection.Name)]
public sealed class ManyRowsTests(DashboardFixture dashboard)
{
    private const ulong Noon = Batches.Noon;

    // Some 10 to 15 alone; 40 were seen beside the suite's other tests. Drawing all rows takes seconds.
    private const double MillisecondsOfAFrame = 150;

    [BrowserFact]
    public async Task A_list_of_100000_rows_scrolls_smoothly_with_few_elements()
    {
        using var wire = new Wire();
        for (var request = 0; request < 50; request++)
        {
            var records = Enumerable.Range(0, 2000).Select(i => OtlpMessage.Record(Noon + (ulong)((request * 2000) + i), $"row {(request * 2000) + i}")).ToArray();
            await wire.GrpcAsync(dashboard.Collector.Grpc, Wire.LogsMethod, Wire.Frame(OtlpMessage.Logs("many", records)));
        }

        await using var page = await dashboard.OpenAsync("/logs?worker=many&live=0&from=2020-01-01T00:00:00Z&to=2200-01-01T00:00:00Z");
        await Expect(page.Rows.First).ToContainTextAsync("row 99999");
        await page.Page.EvaluateAsync("""
            async () => {
                const list = document.querySelector('#logs');
                const loaded = () => document.querySelector('[data-testid=loaded]').textContent;
                for (let turn = 0; turn < 10_000 && !loaded().startsWith('100,000'); turn++) {
                    list.scrollTop = list.scrollHeight;
                    await new Promise(requestAnimationFrame);
                }
            }
            """);
        var busy = await page.CpuOfAsync("""
            async () => {
                const list = document.querySelector('#logs');
                for (let i = 0; i < 60; i++) {
                    list.scrollTop = (i * 7919 * 25) % (list.scrollHeight - 600);
                    await new Promise(requestAnimationFrame);
                }
                list.scrollTop = list.scrollHeight;
            }
            """);

        // Each of these frames shows other rows than the one before, which no wheel can do.
        (busy / 60).ShouldBeLessThan(MillisecondsOfAFrame);
        await Expect(page.Page.Locator("#logs")).ToContainTextAsync("row 0");
        (await page.Rows.CountAsync()).ShouldBeLessThan(100);

        // Farther down than a link's reader would ever page.
        await page.Rows.Last.ClickAsync();
        await using var other = await dashboard.OpenAsync(page.Address);
        await Expect(other.Details.Locator(".details-message")).ToHaveTextAsync("row 0");
    }

    [BrowserFact]
    public async Task A_waterfall_of_10000_spans_stays_usable()
    {
        using var wire = new Wire();
        var trace = Enumerable.Repeat((byte)0xEE, 16).ToArray();
        var spans = Enumerable.Range(1, 10_000).Select(i => OtlpMessage.Bytes(
            2,
            OtlpMessage.Bytes(1, trace),
            OtlpMessage.Bytes(2, Id(i)),
            i == 1 ? [] : OtlpMessage.Bytes(4, Id(i / 2)),
            OtlpMessage.Text(5, $"span {i}"),
            OtlpMessage.Varint(6, 1),
            OtlpMessage.Fixed64(7, Noon + ((ulong)i * 1_000_000)),
            OtlpMessage.Fixed64(8, Noon + ((ulong)i * 1_000_000) + 9_000_000))).ToArray();
        await wire.GrpcAsync(dashboard.Collector.Grpc, Wire.TracesMethod, Wire.Frame(OtlpMessage.Logs("wide", spans)));

        await using var page = await dashboard.OpenAsync("/correlation?id=" + Convert.ToHexStringLower(trace));
        await page.ShowsAsync("10,000");
        var busy = await page.CpuOfAsync("""
            async () => {
                const list = document.querySelector('#bars');
                for (let i = 1; i <= 60; i++) {
                    list.scrollTop = list.scrollHeight * i / 60;
                    await new Promise(requestAnimationFrame);
                }
            }
            """);

        (busy / 60).ShouldBeLessThan(MillisecondsOfAFrame);
        (await page.Page.Locator(".bar-row").CountAsync()).ShouldBeLessThan(100);
    }

    private static byte[] Id(int number) => [0, 0, 0, 1, (byte)(number >> 24), (byte)(number >> 16), (byte)(number >> 8), (byte)number];
}
