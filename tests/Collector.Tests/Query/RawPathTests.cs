using Collector.Query;

namespace Collector.Tests.Query;

public sealed class RawPathTests
{
    [Theory]
    [InlineData("/api/correlations/abc", "abc")]
    [InlineData("/api/correlations/abc?x=/y", "abc")]
    [InlineData("/API/Correlations/abc", "abc")]
    [InlineData("/api/%63orrelations/abc", "abc")]
    [InlineData("/api/./correlations/abc", "abc")]
    [InlineData("/api/%2e/correlations/abc", "abc")]
    [InlineData("/other/../api/correlations/abc", "abc")]
    [InlineData("/other/%2E%2e/api/correlations/abc", "abc")]
    [InlineData("http://host:4380/api/correlations/abc", "abc")]
    [InlineData("http://host/api/correlations/abc", "abc")]
    [InlineData("/api/correlations/a/b", "a/b")]
    [InlineData("/api/correlations/a%2Fb", "a/b")]
    [InlineData("/api/correlations/a%2fb%252Fc", "a/b%2Fc")]
    [InlineData("/api/correlations/a//b", "a//b")]
    [InlineData("/api/correlations/%2Fa", "/a")]
    [InlineData("/api/correlations/a+b", "a+b")]
    [InlineData("/api/correlations/a%2Bb", "a+b")]
    [InlineData("/api/correlations/a%20b", "a b")]
    [InlineData("/api/correlations/100%25", "100%")]
    [InlineData("/api/correlations/%C3%BC%E2%98%83", "ü☃")]
    [InlineData("/api/correlations/a%3Fb%23c", "a?b#c")]
    [InlineData("/api/correlations/a..b", "a..b")]
    [InlineData("/api/correlations/api/correlations/x", "api/correlations/x")]
    [InlineData("/api/correlations/", "")]
    [InlineData("/api/correlations", "")]
    [InlineData("/", "")]
    [InlineData("*", "")]
    [InlineData("http://host", "")]
    public void What_was_encoded_is_what_is_asked_for(string target, string expected) => RawPath.EndOf(target, 2).ShouldBe(expected);
}
