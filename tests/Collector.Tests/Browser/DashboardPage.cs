using Collector.Tests.Support;
using Microsoft.Playwright;

namespace Collector.Tests.Browser;

/// <summary>An open page, with what its console said: an error of the script or the policy fails the test at its end.</summary>
internal sealed class DashboardPage : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly List<string> _errors = [];

    public DashboardPage(IBrowserContext context, IPage page)
    {
        _context = context;
        Page = page;
        page.SetDefaultTimeout(15_000);
        page.PageError += (_, error) => _errors.Add(error);
        page.Console += (_, message) =>
        {
            if (message.Type == "error" && message.Text.Contains("Content Security Policy", StringComparison.Ordinal))
            {
                _errors.Add(message.Text);
            }
        };
        page.Dialog += (_, dialog) => _errors.Add($"A dialog: {dialog.Message}");
    }

    public IPage Page { get; }

    public string Address => new Uri(Page.Url).PathAndQuery;

    public ILocator Rows => Page.Locator("#logs .log-row");

    public ILocator Details => Page.Locator("aside.details");

    public ILocator Loaded => Page.GetByTestId("loaded");

    /// <summary>By how many pixels the page is wider than its window.</summary>
    public Task<int> OverflowAsync() => Page.EvaluateAsync<int>(
        "Math.max(...[document.documentElement, document.querySelector('main')].map((el) => el.scrollWidth - el.clientWidth))");

    /// <summary>What axe finds that is serious or worse.</summary>
    public async Task<string[]> SeriousProblemsAsync()
    {
        await Page.EvaluateAsync(await File.ReadAllTextAsync(Repository.PathOf("src", "Dashboard", "node_modules", "axe-core", "axe.min.js")));
        return await Page.EvaluateAsync<string[]>("""
            async () => (await axe.run()).violations
                .filter(v => v.impact === 'serious' || v.impact === 'critical')
                .map(v => `${v.id}: ${v.nodes.slice(0, 3).map(n => n.target.join(' ') + ' ' + n.failureSummary).join('; ')}`)
            """);
    }

    /// <summary>
    /// Runs a script and returns what it took of the page's main thread, in milliseconds of CPU: what else the machine
    /// does meanwhile doesn't count.
    /// </summary>
    public async Task<double> CpuOfAsync(string script)
    {
        var tools = await _context.NewCDPSessionAsync(Page);
        await tools.SendAsync("Performance.enable", new() { ["timeDomain"] = "threadTicks" });
        var before = await BusyAsync();
        await Page.EvaluateAsync(script);
        var busy = await BusyAsync() - before;
        await tools.DetachAsync();
        return busy;

        async Task<double> BusyAsync() => (await tools.SendAsync("Performance.getMetrics"))!.Value.GetProperty("metrics").EnumerateArray()
            .Single(metric => metric.GetProperty("name").GetString() == "TaskDuration").GetProperty("value").GetDouble() * 1000;
    }

    public Task ShowsAsync(string text) => Assertions.Expect(Page.Locator("body")).ToContainTextAsync(text);

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        _errors.ShouldBeEmpty();
    }
}
