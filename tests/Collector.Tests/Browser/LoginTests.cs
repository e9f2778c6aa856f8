using Collector.Access;
using Collector.Model;
using Collector.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Collector.Tests.Browser;

/// <summary>A person logs in with a key, follows links, and is logged out.</summary>
[Collection(BrowserCollection.Name)]
public sealed class LoginTests(DashboardFixture dashboard) : IAsyncLifetime
{
    private const string Secret = "a-secret-of-a-person";

    private CollectorProcess _collector = null!;

    public async Task InitializeAsync()
    {
        var folder = CollectorProcess.NewFolder();
        KeysFile.Write(KeysFile.FolderIn(folder), [SomeKeys.Entry("person", Secret, Rights.Read)]);
        _collector = await CollectorProcess.StartOnAsync(folder);
    }

    public async Task DisposeAsync()
    {
        await _collector.DisposeAsync();
        Directory.Delete(_collector.Folder, recursive: true);
    }

    [BrowserFact("/login")]
    public async Task A_deep_link_leads_through_the_login_to_where_it_points()
    {
        await using var opened = await dashboard.OpenAsync("/logs?worker=login", collector: _collector);
        var page = opened.Page;
        await Expect(page).ToHaveURLAsync($"http://{_collector.Web}/login?return=%2Flogs%3Fworker%3Dlogin");
        (await opened.SeriousProblemsAsync()).ShouldBeEmpty();

        await LogInAsync(page, "a-wrong-secret");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("not one of those in force");
        await LogInAsync(page, Secret);
        await Expect(page).ToHaveURLAsync($"http://{_collector.Web}/logs?worker=login");
        await SendAsync("login", "seen live");
        await Expect(opened.Rows.First).ToContainTextAsync("seen live");

        await page.GotoAsync("/health");
        await opened.ShowsAsync("May read: whoever has a key");
        await opened.ShowsAsync("person");
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign out" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(page).ToHaveURLAsync($"http://{_collector.Web}/login");
        await page.GotoAsync("/health");
        await Expect(page).ToHaveURLAsync($"http://{_collector.Web}/login?return=%2Fhealth");
    }

    [BrowserFact("/login")]
    public async Task Who_is_logged_in_follows_a_link_of_another_site_without_a_second_login()
    {
        await using var other = WebApplication.CreateSlimBuilder().Quietly().Build();
        other.Run(async context =>
        {
            context.Response.ContentType = "text/html";
            await context.Response.WriteAsync($"<!doctype html><title>Chat</title><a href=\"http://{_collector.Web}/logs?level=error\">look</a>");
        });
        other.Urls.Add("http://127.0.0.1:0");
        await other.StartAsync();
        await using var opened = await dashboard.OpenAsync("/health", collector: _collector);
        await LogInAsync(opened.Page, Secret);
        await Expect(opened.Page).ToHaveURLAsync($"http://{_collector.Web}/health");

        await opened.Page.GotoAsync($"http://chat.localhost:{new Uri(other.Urls.First()).Port}/");
        await opened.Page.GetByText("look").ClickAsync();

        await Expect(opened.Page).ToHaveURLAsync($"http://{_collector.Web}/logs?level=error");
    }

    [BrowserFact("/login")]
    public async Task A_page_that_is_live_goes_to_the_login_when_its_key_is_taken_back()
    {
        await using var opened = await dashboard.OpenAsync("/logs?worker=expiry", collector: _collector);
        await LogInAsync(opened.Page, Secret);
        await opened.ShowsAsync("Live");
        await SendAsync("expiry", "before");
        await Expect(opened.Rows.First).ToContainTextAsync("before");

        KeysFile.Write(KeysFile.FolderIn(_collector.Folder), [SomeKeys.Entry("other", "another-secret", Rights.Read)]);

        await Expect(opened.Page).ToHaveURLAsync($"http://{_collector.Web}/login?return=%2Flogs%3Fworker%3Dexpiry");
    }

    private static async Task LogInAsync(IPage page, string secret)
    {
        await page.GetByLabel("Key").FillAsync(secret);
        await page.GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();
    }

    private async Task SendAsync(string service, string text)
    {
        using var producer = new HttpClient();
        var body = OtlpMessage.Logs(service, OtlpMessage.Record(Timestamps.ToNanos(DateTimeOffset.UtcNow), text));
        using var content = new ByteArrayContent(body.ToArray()) { Headers = { { "content-type", "application/x-protobuf" } } };
        (await producer.PostAsync($"http://{_collector.Http}/v1/logs", content)).EnsureSuccessStatusCode();
    }
}

file static class Quiet
{
    public static WebApplicationBuilder Quietly(this WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();
        return builder;
    }
}
