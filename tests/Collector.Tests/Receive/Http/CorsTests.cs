using Collector.Receive.Http;
using Collector.Receive.Request;
using Microsoft.AspNetCore.Http;

namespace Collector.Tests.Receive.Http;

/// <summary>Which pages of a browser may send, and what the browser is told.</summary>
public sealed class CorsTests
{
    [Theory]
    [InlineData("https://app.example", "https://app.example", true)]
    [InlineData("https://App.Example", "https://app.example", true)]
    [InlineData("https://app.example", "https://app.example:8443", false)]
    [InlineData("https://app.example", "http://app.example", false)]
    [InlineData("https://app.example", "https://app.example.evil", false)]
    [InlineData("https://app.example", "null", false)]
    [InlineData("https://*.example.com", "https://a.example.com", true)]
    [InlineData("https://*.example.com", "https://a.b.example.com", true)]
    [InlineData("https://*.example.com", "https://example.com", false)]
    [InlineData("https://*.example.com", "https://evilexample.com", false)]
    [InlineData("https://*.example.com", "https://a.example.com.evil", false)]
    [InlineData("https://*.example.com", "http://a.example.com", false)]
    [InlineData("https://*.example.com:8443", "https://a.example.com:8443", true)]
    [InlineData("https://*.example.com:8443", "https://a.example.com", false)]
    public void A_named_origin_may_send_with_credentials_and_no_other_at_all(string configured, string origin, bool isAllowed)
    {
        foreach (var method in new[] { "POST", "OPTIONS" })
        {
            var (isPreflight, headers) = Ask(method, origin, [configured]);

            isPreflight.ShouldBe(method == "OPTIONS");
            headers.AccessControlAllowOrigin.ToString().ShouldBe(isAllowed ? origin : "");
            headers.AccessControlAllowCredentials.ToString().ShouldBe(isAllowed ? "true" : "");
            headers.Vary.ToString().ShouldContain("Origin");
        }
    }

    [Theory]
    [InlineData("https://any.example", "*")]
    [InlineData("null", "*")]
    [InlineData("https://app.example", "https://app.example")]
    public void Where_all_may_send_only_those_that_are_named_do_so_with_credentials(string origin, string allowed)
    {
        foreach (var method in new[] { "POST", "OPTIONS" })
        {
            var headers = Ask(method, origin, ["*", "https://app.example"]).Headers;

            headers.AccessControlAllowOrigin.ToString().ShouldBe(allowed);
            headers.AccessControlAllowCredentials.ToString().ShouldBe(allowed == "*" ? "" : "true");
        }
    }

    [Fact]
    public void A_preflight_is_told_method_headers_and_for_how_long()
    {
        var headers = Ask("OPTIONS", "https://app.example", ["https://app.example"]).Headers;

        headers.AccessControlAllowMethods.ToString().ShouldBe("POST");
        headers.AccessControlMaxAge.ToString().ShouldBe("7200");
        var allowed = headers.AccessControlAllowHeaders.ToString();
        foreach (var name in new[] { "content-type", "content-encoding", "authorization", "traceparent", "tracestate", "baggage", "b3" })
        {
            allowed.ShouldContain(name);
        }
    }

    [Theory]
    [InlineData("x-tenant", "x-tenant", true)]
    [InlineData("*", "x-whatever", true)]
    [InlineData("x-tenant", "x-whatever", false)]
    public void The_headers_are_a_setting(string configured, string asked, bool isAllowed)
    {
        var headers = Ask("OPTIONS", "https://app.example", ["https://app.example"], [configured], asked).Headers;

        headers.AccessControlAllowHeaders.ToString().Split(',').Contains(asked).ShouldBe(isAllowed);
    }

    [Fact]
    public void A_page_may_read_when_to_retry_and_whether_it_was_stored_before() =>
        Ask("POST", "https://app.example", ["https://app.example"]).Headers.AccessControlExposeHeaders.ToString()
            .ShouldBe("Retry-After,collector-duplicate");

    [Fact]
    public void Without_a_page_that_may_send_nothing_is_said_and_with_one_caches_are_told_always()
    {
        Ask("OPTIONS", "https://app.example", []).ShouldSatisfyAllConditions(
            static answer => answer.IsPreflight.ShouldBeFalse(), static answer => answer.Headers.ShouldBeEmpty());
        Ask("POST", "", ["https://app.example"]).Headers.Vary.ToString().ShouldBe("Origin");
    }

    private static (bool IsPreflight, IHeaderDictionary Headers) Ask(
        string method, string origin, string[] origins, string[]? headers = null, string asked = "content-type")
    {
        var options = new IngestOptions { CorsOrigins = origins };
        options.CorsHeaders = headers ?? options.CorsHeaders;
        var context = new DefaultHttpContext();
        context.Request.Method = method;
        context.Request.Headers.Origin = origin;
        context.Request.Headers.AccessControlRequestMethod = method == "OPTIONS" ? "POST" : default;
        context.Request.Headers.AccessControlRequestHeaders = method == "OPTIONS" ? asked : default;
        return (new Cors(options).Answer(context), context.Response.Headers);
    }
}
