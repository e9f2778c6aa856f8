using System.Diagnostics;
using Collector.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Collector.Tests.Browser;

/// <summary>Pages of a store that has nothing yet.</summary>
[Collection(BrowserCollection.Name)]
public sealed class FirstRecordTests(DashboardFixture dashboard)
{
    [BrowserTheory]
    [InlineData("/", "Records a second")]
    [InlineData("/logs", "first record")]
    [InlineData("/correlation", "One request, from end to end")]
    [InlineData("/health", "hello")]
    public async Task An_empty_page_has_the_command_that_sends_the_first_record_and_shows_it_then(string path, string then)
    {
        await using var empty = await CollectorProcess.StartAsync();
        await using var page = await dashboard.OpenAsync(path, width: 390, collector: empty);
        await page.Page.GetByLabel("Copy the command").ClickAsync();
        (await page.OverflowAsync()).ShouldBe(0);
        (await page.SeriousProblemsAsync()).ShouldBeEmpty();

        // As somebody pastes it; the Collector's ports are not the usual ones.
        var command = await page.Page.EvaluateAsync<string>("navigator.clipboard.readText()");
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", command]) { RedirectStandardError = true })!;
        await shell.WaitForExitAsync();
        shell.ExitCode.ShouldBe(0, await shell.StandardError.ReadToEndAsync());

        await page.ShowsAsync(then);
        await Expect(page.Page.GetByLabel("Copy the command")).ToHaveCountAsync(0);
    }
}
