using Collector.Hosting;
using Collector.Tests.Receive.Otlp;
using static Collector.Tests.Receive.Otlp.Otel;

namespace Collector.Tests.Receive.Rows;

public sealed class UrlSecretTests
{
    [Theory]
    [InlineData("https://u:hunter2@h/x?a=1", "https://REDACTED@h/x?a=1")]
    [InlineData("postgres://app:hunter2@db:5432/orders", "postgres://REDACTED@db:5432/orders")]
    [InlineData("https://hunter2@h", "https://REDACTED@h")]
    [InlineData("https://a:hun@ter2@h/", "https://REDACTED@h/")]
    [InlineData("/x?access_token=hunter2&b=2#f", "/x?access_token=REDACTED&b=2#f")]
    [InlineData("token=hunter2", "token=REDACTED")]
    [InlineData("a=1&API-KEY=hunter2", "a=1&API-KEY=REDACTED")]
    [InlineData("https://h/cb#id_token=hunter2", "https://h/cb#id_token=REDACTED")]
    [InlineData("https://b.s3/x?AWSAccessKeyId=hunter2&Signature=hunter2&Expires=3", "https://b.s3/x?AWSAccessKeyId=REDACTED&Signature=REDACTED&Expires=3")]
    [InlineData("https://a.blob/x?sv=1&sig=hunter2%3D", "https://a.blob/x?sv=1&sig=REDACTED")]
    [InlineData("https://g/x?X-Goog-Signature=hunter2", "https://g/x?X-Goog-Signature=REDACTED")]
    [InlineData("https://g/x?clientSecret=hunter2 and https://c:hunter2@d", "https://g/x?clientSecret=REDACTED and https://REDACTED@d")]
    [InlineData("Server=db;User Id=app;Password=hunter2;Pooling=true", "Server=db;User Id=app;Password=REDACTED;Pooling=true")]
    [InlineData("failed: {\"url\":\"https://u:hunter2@h/\",\"mail\":\"a@b\"}", "failed: {\"url\":\"https://REDACTED@h/\",\"mail\":\"a@b\"}")]
    [InlineData("{\"a\": 1, \"password\" : \"hun\\\"ter2\", \"b\":\"c\"}", "{\"a\": 1, \"password\" : \"REDACTED\", \"b\":\"c\"}")]
    [InlineData("[{\"headers\":{\"Cookie\":\"hunter2\",\"Accept\":\"x\",\"X-Auth\":[\"hunter2\"]},\"b\":\"c\"}]", "[{\"headers\":{\"Cookie\":\"REDACTED\",\"Accept\":\"x\",\"X-Auth\":[\"REDACTED\"]},\"b\":\"c\"}]")]
    [InlineData("{\"a\":{\"client_secret\":\"hunter2", "{\"a\":{\"client_secret\":\"REDACTED")]
    public void Secret_is_in_no_text_of_a_row_and_the_rest_is_as_it_came(string text, string clean)
    {
        Decoded.Log(Log().Attr("any.name", text)).Attributes.GetProperty("any.name").GetString().ShouldBe(clean);
        var row = Decoded.Log(Log().Body(String("it:?" + text)).Attr("list", Array(String(text))));
        (row.Message + row.Context).Replace("hun@ter2", "hunter2").ShouldNotContain("hunter2");
        var span = Decoded.Of(Collector.Receive.Otlp.OtlpSignal.Traces, RequestFrom(Resource(("from", String(text))), Span())).Rows.Single();
        span.Resource.ShouldNotContain("hunter2");
    }

    [Theory]
    [InlineData("https://medium.com/@user?q=a@b")]
    [InlineData("https://h/x?page=2&code=200&key=home&tokens=5&design=x")]
    [InlineData("level=info token_count=5 user=a@b")]
    [InlineData("level=info token=abc")]
    [InlineData("a://")]
    [InlineData("://@=&?==")]
    [InlineData("{\"tokens\":\"5\",\"password\":5}")]
    [InlineData("[ok] \"password\"")]
    public void Text_without_secrets_stays(string text)
    {
        Decoded.Log(Log().Attr("url.full", text)).Attributes.GetProperty("url.full").GetString().ShouldBe(text);
        Decoded.Log(Log().Body(String("x " + text))).Message.ShouldBe("x " + text);
    }

    [Fact]
    public void Secrets_of_random_urls_are_found_and_nothing_else_changes()
    {
        var random = new Random(7);
        for (var round = 0; round < 2_000; round++)
        {
            string Word() => string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => "abcXYZ019-._~%!$'()*+,"[random.Next(22)]));
            var (path, other) = (Word(), Word());
            string Url(string user, string token) => $"https://{user}host/{path}?a={other}&access_token={token}&b={other}";
            var withUser = random.Next(2) == 0;
            var secret = "Zq" + round + Word();
            var url = Url(withUser ? $"u:{secret}@" : "", secret);
            Decoded.Log(Log().Body(url)).Message.ShouldBe(Url(withUser ? "REDACTED@" : "", "REDACTED"));
        }
    }

    [Fact]
    public void Endpoint_is_logged_without_user_info() =>
        MetricsPush.WithoutUserInfo(new Uri("http://user:pw@host:4317/x")).ToString().ShouldBe("http://host:4317/x");
}
