using System.Net;
using System.Text.Json;
using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

/// <summary>What browsers say of where a request comes from, and what they are answered.</summary>
public sealed class CrossSiteTests(RunningCollector running) : IClassFixture<RunningCollector>
{
    [Theory]
    [InlineData("/api/logs?limit=1", "cross-site", "no-cors", "image", 403)]
    [InlineData("/api/logs?limit=1", "same-site", "cors", "empty", 403)]
    [InlineData("/api/logs?limit=1", "cross-site", "navigate", "document", 403)]
    [InlineData("/api/correlations/x", "same-site", "no-cors", "script", 403)]
    [InlineData("/api/live?limit=0", "same-site", "no-cors", "image", 403)]
    [InlineData("/api/workers", "same-site, cross-site", "cors", "empty", 403)]
    [InlineData("/metrics", "cross-site", "no-cors", "image", 403)]
    [InlineData("/icon.svg", "cross-site", "no-cors", "image", 403)]
    [InlineData("/", "cross-site", "navigate", "document", 200)]
    [InlineData("/logs?level=error", "cross-site", "navigate", "document", 200)]
    [InlineData("/Logs/", "same-site", "navigate", "document", 200)]
    [InlineData("/logs", "cross-site", "navigate", "iframe", 403)]
    [InlineData("/logs", "cross-site", "no-cors", "empty", 403)]
    [InlineData("/api/logs?limit=1", "same-origin", "cors", "empty", 200)]
    [InlineData("/api/logs?limit=1", "none", "navigate", "document", 200)]
    [InlineData("/healthz", "cross-site", "no-cors", "image", 200)]
    public async Task Another_site_may_link_to_pages_and_ask_nothing(string path, string site, string mode, string destination, int status)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{running.Process.Web}{path}");
        request.Headers.Add("Sec-Fetch-Site", site);
        request.Headers.Add("Sec-Fetch-Mode", mode);
        request.Headers.Add("Sec-Fetch-Dest", destination);
        using var answer = await client.SendAsync(request);

        ((int)answer.StatusCode).ShouldBe(status);
        if (status == 403)
        {
            using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            problem.RootElement.GetProperty("detail").GetString()!.ShouldContain("Sec-Fetch-Site");
        }
    }

    [Theory]
    [InlineData("http://evil.example", 403)]
    [InlineData("null", 403)]
    [InlineData("http://127.0.0.1:1", 403)]
    [InlineData(null, 200)]
    public async Task Where_a_browser_says_only_an_origin_that_counts(string? origin, int status)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{running.Process.Web}/api/logs?limit=1");
        request.Headers.Add("Origin", origin ?? $"http://{running.Process.Web}");
        using var answer = await client.SendAsync(request);

        ((int)answer.StatusCode).ShouldBe(status);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/logs")]
    [InlineData("/health")]
    [InlineData("/healthz")]
    [InlineData("/api/logs")]
    public async Task What_is_only_read_takes_no_post_and_says_what_it_takes(string path)
    {
        using var client = new HttpClient();
        using var answer = await client.PostAsync(new Uri($"http://{running.Process.Web}{path}"), new StringContent("x"));

        answer.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        answer.Content.Headers.Allow.ShouldBe(["GET", "HEAD"]);
    }
}
