using System.Net;
using Collector.Access;
using Collector.Tests.Support;

namespace Collector.Tests.Access;

/// <summary>The login's form, as those send it who mean no good.</summary>
public sealed class LoginFormTests : IAsyncLifetime
{
    private const string Secret = "a-secret-of-a-reader";

    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
    private CollectorProcess _collector = null!;

    public async Task InitializeAsync()
    {
        var folder = CollectorProcess.NewFolder();
        KeysFile.Write(KeysFile.FolderIn(folder), [SomeKeys.Entry("reader", Secret, Rights.Read), SomeKeys.Entry("sender", "a-secret-of-a-sender", Rights.Send)]);
        _collector = await CollectorProcess.StartOnAsync(folder);
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _collector.DisposeAsync();
        Directory.Delete(_collector.Folder, recursive: true);
    }

    [Theory]
    [InlineData("/logs?level=error", "/logs?level=error")]
    [InlineData("//evil.example/", "/")]
    [InlineData("/\\evil.example/", "/")]
    [InlineData("https://evil.example/", "/")]
    [InlineData("javascript:alert(1)", "/")]
    [InlineData("~/logs", "/")]
    [InlineData("/\t/evil.example", "/")]
    [InlineData("", "/")]
    public async Task A_login_leads_to_a_page_of_this_server_only(string wanted, string led)
    {
        using var answer = await PostAsync("/login", new() { ["key"] = Secret, ["return"] = wanted });
        answer.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        answer.Headers.Location!.OriginalString.ShouldBe(led);
    }

    [Fact]
    public async Task The_cookie_is_for_this_server_alone_replaces_a_planted_one_and_ends_with_its_key()
    {
        using var answer = await PostAsync("/login", new() { ["key"] = Secret }, ("Cookie", "collector_session=planted"));
        var cookie = answer.Headers.GetValues("Set-Cookie").Single();
        cookie.ShouldContain("httponly", Case.Insensitive);
        cookie.ShouldContain("samesite=strict", Case.Insensitive);
        cookie.ShouldNotContain("planted");
        cookie.ShouldNotContain(Secret);
        var session = cookie.Split(';')[0];
        (await StatusAsync("/api/status", ("Cookie", "collector_session=planted"))).ShouldBe(401);
        (await StatusAsync("/api/status", ("Cookie", session))).ShouldBe(200);
        (await StatusAsync("/api/status", ("Cookie", session[..^4] + "AAAA"))).ShouldBe(401);

        KeysFile.Write(KeysFile.FolderIn(_collector.Folder), [SomeKeys.Entry("other", "another-secret", Rights.Read)]);
        await Eventually.IsSoAsync(async () => await StatusAsync("/api/status", ("Cookie", session)) == 401, static () => "the login outlived its key");
    }

    [Theory]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task A_form_of_another_site_is_refused(string header, string value)
    {
        foreach (var path in new[] { "/login", "/logout" })
        {
            using var answer = await PostAsync(path, new() { ["key"] = Secret }, (header, value));
            answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
            answer.Headers.Contains("Set-Cookie").ShouldBeFalse();
        }
    }

    [Fact]
    public async Task Who_tries_many_keys_is_stopped_even_with_the_right_one()
    {
        using var forbidden = await PostAsync("/login", new() { ["key"] = "a-secret-of-a-sender" });
        (await forbidden.Content.ReadAsStringAsync()).ShouldContain("needs the right to read");
        for (var i = 0; i < 9; i++)
        {
            using var wrong = await PostAsync("/login", new() { ["key"] = $"guess {i}" });
            wrong.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        }

        using var late = await PostAsync("/login", new() { ["key"] = Secret });
        late.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        late.Headers.RetryAfter.ShouldNotBeNull();
    }

    [Fact]
    public async Task What_is_no_form_or_too_long_is_refused()
    {
        using var json = await _client.PostAsync($"http://{_collector.Web}/login", new StringContent("{}"));
        json.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        using var huge = await PostAsync("/login", new() { ["key"] = new string('k', 100_000) });
        ((int)huge.StatusCode).ShouldBeInRange(400, 413);
        (await StatusAsync("/readyz")).ShouldBe(200);
    }

    [Fact]
    public async Task Markup_in_the_address_stays_text()
    {
        var page = await _client.GetStringAsync($"http://{_collector.Web}/login?return=" + Uri.EscapeDataString("/\"><script>alert(1)</script>"));
        page.ShouldNotContain("<script>");
    }

    private async Task<HttpResponseMessage> PostAsync(string path, Dictionary<string, string> form, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{_collector.Web}{path}") { Content = new FormUrlEncodedContent(form) };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await _client.SendAsync(request);
    }

    private async Task<int> StatusAsync(string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{_collector.Web}{path}");
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await _client.SendAsync(request);
        return (int)response.StatusCode;
    }
}
