using System.Net;
using Collector.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Collector.Tests.Browser;

/// <summary>
/// Pages that send OTLP from a browser, with OpenTelemetry's own exporters at their defaults. Those up to 0.208 send by
/// <c>navigator.sendBeacon</c>, which says that it succeeded whatever becomes of it; the newest by fetch.
/// </summary>
[Collection(BrowserCollection.Name)]
public sealed class SendingPageTests(DashboardFixture browser) : IAsyncLifetime
{
    private static readonly NodePackage _package = new(Repository.PathOf("tests", "Collector.BrowserClient"));
    private static readonly Lazy<Task> _built = new(() => _package.RunScriptAsync("build"));

    private WebApplication _shop = null!;
    private string _origin = "";

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _shop = builder.Build();
        _shop.Run(static context =>
        {
            context.Response.ContentType = "text/html";
            return context.Response.WriteAsync("<!doctype html><title>Shop</title>");
        });
        await _shop.StartAsync();
        _origin = $"http://shop.localhost:{new Uri(_shop.Urls.First()).Port}";
    }

    public async Task DisposeAsync() => await _shop.DisposeAsync();

    [PageTheory]
    [InlineData("057")]
    [InlineData("203")]
    [InlineData("208")]
    [InlineData("301")]
    public async Task What_the_exporters_of_a_page_send_at_their_defaults_is_stored(string release)
    {
        await using var collector = await CollectorProcess.StartAsync($"--Ingest:CorsOrigins={_origin}");
        await using var page = await OpenAsync(release);

        await SendAsync(page, collector, release, headers: null);

        await StoredAsync(collector, release);
    }

    [PageTheory]
    [InlineData("057")]
    [InlineData("208")]
    [InlineData("301")]
    public async Task A_wildcard_names_the_page_and_a_setting_its_own_headers(string release)
    {
        var any = _origin.Replace("shop.", "*.", StringComparison.Ordinal);
        await using var collector = await CollectorProcess.StartAsync(
            $"--Ingest:CorsOrigins={any}", "--Ingest:CorsHeaders=content-type, x-tenant", "--Ingest:Keys=a-key-of-a-page");
        await using var page = await OpenAsync(release);

        await SendAsync(page, collector, "refused", new Dictionary<string, string> { ["authorization"] = "Bearer a-key-of-a-page" });
        await using var open = await CollectorProcess.StartAsync($"--Ingest:CorsOrigins={any}", "--Ingest:CorsHeaders=content-type, x-tenant");
        await SendAsync(page, open, release, new Dictionary<string, string> { ["x-tenant"] = "a" });

        await StoredAsync(open, release);
        (await RowsAsync(collector, "refused")).ShouldBe(0, "authorization is not among the headers");
    }

    [PageTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_page_reads_of_the_answer_that_it_was_stored_before_if_its_origin_is_named(bool isNamed)
    {
        await using var collector = await CollectorProcess.StartAsync($"--Ingest:CorsOrigins={(isNamed ? _origin : "http://other.localhost")}");
        await using var page = await OpenAsync("301");

        const string Twice = """
            async (url) => {
              const body = '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1795435200000000000","body":{"stringValue":"twice"}}]}]}]}';
              const send = () => fetch(url, { method: "POST", credentials: "include", headers: { "content-type": "application/json" }, body });
              try {
                return [await send(), await send()].map(answer => answer.headers.get("collector-duplicate") ?? "no").join();
              } catch (error) {
                return error.name;
              }
            }
            """;
        (await page.Page.EvaluateAsync<string>(Twice, $"http://{collector.Http}/v1/logs")).ShouldBe(isNamed ? "no,true" : "TypeError");
    }

    private async Task<DashboardPage> OpenAsync(string release)
    {
        await _built.Value;
        var page = await browser.OpenAsync(_origin);
        await page.Page.AddScriptTagAsync(new() { Path = Repository.PathOf("tests", "Collector.BrowserClient", "node_modules", ".pages", release + ".js") });
        return page;
    }

    private static Task<System.Text.Json.JsonElement?> SendAsync(DashboardPage page, CollectorProcess collector, string name, Dictionary<string, string>? headers) =>
        page.Page.EvaluateAsync("([address, name, headers]) => send(address, name, headers).catch(() => {})", new object?[] { $"http://{collector.Http}", name, headers });

    // A beacon is on its way when the page is told that it succeeded.
    private static Task StoredAsync(CollectorProcess collector, string name) =>
        Eventually.IsSoAsync(async () => await RowsAsync(collector, name) == 2, () => collector.Log);

    private static async Task<int> RowsAsync(CollectorProcess collector, string name) =>
        (await collector.GetJsonAsync($"/api/logs?correlation_id={name}")).GetProperty("logs").GetArrayLength();
}

/// <summary>Skipped, with the reason, where there is no browser or no Node.js.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PageTheoryAttribute : TheoryAttribute
{
    public PageTheoryAttribute() => Skip = Chromium.WhyNot ?? NodePackage.MissingNode;
}
