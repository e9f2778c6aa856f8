using System.Globalization;
using Collector.Benchmarks.Support;
using Microsoft.Playwright;

namespace Collector.Benchmarks.Browser;

/// <summary>A Chromium of its own, with a profile that nobody has used; ends when disposed.</summary>
internal sealed class BrowserRun : IAsyncDisposable
{
    private const string Executable = "/usr/bin/chromium";

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private BrowserRun(IPlaywright playwright, IBrowser browser)
    {
        _playwright = playwright;
        _browser = browser;
    }

    /// <summary>
    /// CPU seconds of all Chromium processes that are descendants of this program: the page, and what draws it without a
    /// graphics card. Only those that still run.
    /// </summary>
    public static double CpuSeconds => Descendants().Sum(static id => SecondsOf(id));

    public static async Task<BrowserRun> StartAsync()
    {
        if (!File.Exists(Executable))
        {
            throw new InvalidOperationException($"{Executable} is missing; as root: apt-get install chromium");
        }

        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Executable,
            Args = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
        });
        return new BrowserRun(playwright, browser);
    }

    /// <param name="url">Where it goes.</param>
    /// <param name="initScript">Runs in the page before anything of its own.</param>
    public async Task<PageRun> OpenAsync(Uri url, string? initScript = null)
    {
        var context = await _browser.NewContextAsync(new() { ViewportSize = new() { Width = 1280, Height = 800 } });
        var page = await context.NewPageAsync();
        var tools = await context.NewCDPSessionAsync(page);
        await tools.SendAsync("Network.enable");
        await tools.SendAsync("Network.setCacheDisabled", new() { ["cacheDisabled"] = true });
        await tools.SendAsync("Performance.enable", new() { ["timeDomain"] = "threadTicks" });
        if (initScript is not null)
        {
            await page.AddInitScriptAsync(initScript);
        }

        await page.GotoAsync(url.ToString());
        return new PageRun(context, page, tools);
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }

    private static IEnumerable<int> Descendants()
    {
        var parents = Directory.EnumerateDirectories("/proc")
            .Select(static path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(static id => id > 0).ToDictionary(static id => id, static id => ParentOf(id));
        return parents.Keys.Where(id => IsChromium(id) && IsOurs(id));

        bool IsOurs(int id)
        {
            for (var up = 0; up < 16 && parents.TryGetValue(id, out var parent); up++, id = parent)
            {
                if (parent == Environment.ProcessId)
                {
                    return true;
                }
            }

            return false;
        }
    }

    private static bool IsChromium(int id) => Read($"/proc/{id}/comm").StartsWith("chrom", StringComparison.Ordinal);

    private static double SecondsOf(int id) => Read($"/proc/{id}/stat").Length > 0 ? new ProcFigures(id).CpuSeconds : 0;

    private static int ParentOf(int id)
    {
        var text = Read($"/proc/{id}/stat");
        return text.Length == 0 ? 0 : int.Parse(text[(text.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
    }

    // A process may end between two looks.
    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
