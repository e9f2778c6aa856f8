using System.Net;
using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

/// <summary>The dashboard's files as a browser is given them, before any script runs.</summary>
public sealed class DashboardFilesTests(RunningCollector running) : IClassFixture<RunningCollector>, IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None })
    {
        BaseAddress = new Uri($"http://{running.Process.Web}"),
    };

    [Theory]
    [InlineData("/")]
    [InlineData("/logs?level=error")]
    [InlineData("/correlation?id=x")]
    [InlineData("/health")]
    public async Task Every_page_is_served_with_a_policy_that_runs_nothing_foreign(string path)
    {
        using var answer = await _client.GetAsync(path);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.ToString().ShouldBe("text/html; charset=utf-8");
        var policy = Header(answer, "Content-Security-Policy");
        policy.ShouldContain("default-src 'none'");
        policy.ShouldContain("script-src 'self';");
        policy.ShouldContain("frame-ancestors 'none'");
        policy.ShouldNotContain("unsafe");
        Header(answer, "X-Content-Type-Options").ShouldBe("nosniff");
        Header(answer, "Referrer-Policy").ShouldBe("no-referrer");
        Header(answer, "X-Frame-Options").ShouldBe("DENY");
        (await answer.Content.ReadAsStringAsync()).ShouldContain("/assets/");
    }

    [Fact]
    public async Task The_page_is_asked_for_again_and_its_parts_are_kept()
    {
        using var page = await _client.GetAsync("/");
        var html = await page.Content.ReadAsStringAsync();
        var script = html.Split('"').Single(part => part.StartsWith("/assets/", StringComparison.Ordinal) && part.EndsWith(".js", StringComparison.Ordinal));
        using var part = await _client.GetAsync(script);

        Header(page, "Cache-Control").ShouldBe("no-cache");
        Header(part, "Cache-Control").ShouldBe("public, max-age=31536000, immutable");
        using var again = new HttpRequestMessage(HttpMethod.Get, "/");
        again.Headers.TryAddWithoutValidation("If-None-Match", Header(page, "ETag"));
        using var unchanged = await _client.SendAsync(again);
        unchanged.StatusCode.ShouldBe(HttpStatusCode.NotModified);
    }

    [Theory]
    [InlineData("br, gzip", "br")]
    [InlineData("gzip", "gzip")]
    [InlineData("br;q=0, gzip", "gzip")]
    [InlineData("identity", null)]
    public async Task A_file_comes_in_the_encoding_that_was_asked_for(string accepted, string? encoding)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", accepted);
        using var answer = await _client.SendAsync(request);

        answer.Content.Headers.ContentEncoding.SingleOrDefault().ShouldBe(encoding);
    }

    [Fact]
    public async Task All_scripts_together_stay_below_150_KB()
    {
        using var page = await _client.GetAsync("/");
        var html = await page.Content.ReadAsStringAsync();
        long bytes = 0;
        foreach (var path in html.Split('"').Where(part => part.EndsWith(".js", StringComparison.Ordinal)).Distinct())
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation("Accept-Encoding", "gzip");
            using var answer = await _client.SendAsync(request);
            bytes += answer.Content.Headers.ContentLength!.Value;
        }

        bytes.ShouldBeInRange(1_000, 150_000);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/api/logs")]
    public async Task A_foreign_name_is_not_answered(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Host = "rebound.example";
        using var answer = await _client.SendAsync(request);

        answer.StatusCode.ShouldBe(HttpStatusCode.MisdirectedRequest);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("Listen:WebHosts");
    }

    public void Dispose() => _client.Dispose();

    private static string Header(HttpResponseMessage answer, string name) => answer.Headers.GetValues(name).Single();
}
