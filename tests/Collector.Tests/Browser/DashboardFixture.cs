using Collector.Tests.Support;
using Microsoft.Playwright;

namespace Collector.Tests.Browser;

/// <summary>One browser and one Collector with a shop's rows for all tests in the browser.</summary>
public sealed class DashboardFixture : IAsyncLifetime
{
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    internal CollectorProcess Collector { get; private set; } = null!;

    internal Shop Shop { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        if (Chromium.WhyNot is not null)
        {
            return;
        }

        // A machine that has other things to do is slow, not wrong.
        Assertions.SetDefaultExpectTimeout(15_000);
        Collector = await CollectorProcess.StartAsync();
        Shop = new Shop(Collector, DateTimeOffset.UtcNow);
        await Shop.SendAsync();
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium.Executable, Args = Chromium.Arguments });
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        if (Collector is not null)
        {
            await Collector.DisposeAsync();
        }
    }

    /// <summary>A page in a window of its own, as somebody would open it.</summary>
    internal async Task<DashboardPage> OpenAsync(
        string path, int width = 1280, ColorScheme theme = ColorScheme.Light, CollectorProcess? collector = null)
    {
        var context = await _browser!.NewContextAsync(new()
        {
            ViewportSize = new() { Width = width, Height = width < 500 ? 844 : 800 },
            ColorScheme = theme,
            BaseURL = $"http://{(collector ?? Collector).Web}",
            Permissions = ["clipboard-read", "clipboard-write"],
        });
        var opened = new DashboardPage(context, await context.NewPageAsync());
        await opened.Page.GotoAsync(path);
        return opened;
    }
}
