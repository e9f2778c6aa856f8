using Collector.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Collector.Tests.Browser;

/// <summary>Words beside a row that say what its level and its time alone don't.</summary>
[Collection(BrowserCollection.Name)]
public sealed class MarksTests(DashboardFixture dashboard)
{
    private const ulong Second = 1_000_000_000;

    [BrowserTheory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Fatal_trace_and_future_rows_are_marked_in_the_list_and_beside_it(ColorScheme theme)
    {
        await using var collector = await CollectorProcess.StartAsync();
        using var wire = new Wire();
        var now = (ulong)DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000_000;
        await wire.GrpcAsync(collector.Grpc, Wire.LogsMethod, Wire.Frame(OtlpMessage.Logs("unknown_service:shop",
            OtlpMessage.Record(now, "it died", OtlpMessage.Varint(2, 21)),
            OtlpMessage.Record(now - Second, "by the word", OtlpMessage.Varint(2, 0), OtlpMessage.Text(3, "FATAL")),
            OtlpMessage.Record(now - (2 * Second), "very quiet", OtlpMessage.Varint(2, 1)),
            OtlpMessage.Record(now - (3 * Second), "an error", OtlpMessage.Varint(2, 17)),
            OtlpMessage.Record(now + (45 * Second), "nearly now", OtlpMessage.Varint(2, 9)),
            OtlpMessage.Record(now + (7200 * Second), "tomorrow", OtlpMessage.Varint(2, 9)))));

        await using var page = await dashboard.OpenAsync("/logs?live=0&from=1d&worker=unknown_service%3Ashop", theme: theme, collector: collector);
        await Expect(Level(page, "it died")).ToHaveTextAsync("fatal");
        await Expect(Level(page, "it died")).ToHaveAttributeAsync("title", "The producer called it fatal: a kind of error");
        await Expect(Level(page, "by the word")).ToHaveTextAsync("fatal");
        await Expect(Level(page, "very quiet")).ToHaveTextAsync("trace");
        await Expect(Level(page, "an error")).ToHaveTextAsync("error");
        await Expect(Row(page, "nearly now").Locator(".flag")).ToHaveCountAsync(0);

        await page.Page.GotoAsync($"/logs?live=0&from={Uri.EscapeDataString(Time(now))}&to={Uri.EscapeDataString(Time(now + (9000 * Second)))}");
        await Expect(Row(page, "tomorrow").Locator(".flag")).ToHaveTextAsync("future");
        (await page.SeriousProblemsAsync()).ShouldBeEmpty();
        await Row(page, "tomorrow").ClickAsync();
        await Expect(page.Details.Locator(".flag")).ToHaveTextAsync("future");
        await Row(page, "it died").ClickAsync();
        await Expect(page.Details.Locator(".level-pill")).ToHaveTextAsync("fatal");
        (await page.SeriousProblemsAsync()).ShouldBeEmpty();

        await page.Page.GotoAsync("/health");
        await Expect(page.Page.Locator(".nameless")).ToContainTextAsync("unknown_service:shop");
        await Expect(page.Page.Locator(".nameless")).ToContainTextAsync("OTEL_SERVICE_NAME");
    }

    private static ILocator Row(DashboardPage page, string message) => page.Rows.Filter(new() { HasText = message });

    private static ILocator Level(DashboardPage page, string message) => Row(page, message).Locator(".log-level");

    private static string Time(ulong nanos) => DateTimeOffset.FromUnixTimeMilliseconds((long)(nanos / 1_000_000)).ToString("yyyy-MM-ddTHH:mm:ssZ");
}
