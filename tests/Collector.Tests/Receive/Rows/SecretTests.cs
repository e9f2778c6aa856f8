using System.Text;
using Collector.Receive.Otlp;
using Collector.Receive.Rows;
using Collector.Tests.Receive.Otlp;
using static Collector.Tests.Receive.Otlp.Otel;

namespace Collector.Tests.Receive.Rows;

public sealed class SecretTests
{
    [Theory]
    [InlineData("password", true)]
    [InlineData("user.password", true)]
    [InlineData("DB.PassWD", true)]
    [InlineData("secret", true)]
    [InlineData("token", true)]
    [InlineData("oauth.access_token", true)]
    [InlineData("refresh_token", true)]
    [InlineData("id_token", true)]
    [InlineData("api_key", true)]
    [InlineData("ApiKey", true)]
    [InlineData("authorization", true)]
    [InlineData("cookie", true)]
    [InlineData("http.request.header.cookie", true)]
    [InlineData("http.request.header.x-api-key", true)]
    [InlineData("http.response.header.set-cookie", true)]
    [InlineData("rpc.request.metadata.x-auth-user", true)]
    [InlineData("rpc.grpc.response.metadata.jwt", true)]
    [InlineData("client_secret", true)]
    [InlineData("oauth.clientSecret", true)]
    [InlineData("user_password", true)]
    [InlineData("spring.datasource.db-password", true)]
    [InlineData("aws.secret_access_key", true)]
    [InlineData("AWS_SECRET_ACCESS_KEY", true)]
    [InlineData("private_key", true)]
    [InlineData("ssh.PrivateKey", true)]
    [InlineData("Api-Key", true)]
    [InlineData("secrets", false)]
    [InlineData("cache_key", false)]
    [InlineData("next_page_token", false)]
    [InlineData("password_hint", false)]
    [InlineData("tokens", false)]
    [InlineData("gen_ai.usage.input_tokens", false)]
    [InlineData("http.request.header.accept", false)]
    [InlineData("x-api-key", false)]
    [InlineData("password.length", false)]
    public void Attribute_with_the_name_of_a_secret_is_redacted(string name, bool isSecret)
    {
        var row = Decoded.Log(Log().Attr(name, "hunter2"));
        row.Attributes.GetProperty(name).GetString().ShouldBe(isSecret ? "REDACTED" : "hunter2");
    }

    [Fact]
    public void Numbers_and_booleans_are_no_secrets() =>
        Decoded.Log(Log().Attr("token", Int(5)).Attr("secret", Bool(true))).Attributes.GetRawText()
            .ShouldBe("""{"token":5,"secret":true}""");

    [Fact]
    public void Secrets_in_arrays_and_maps_and_under_headers_are_redacted()
    {
        var row = Decoded.Log(Log()
            .Attr("http.request.header.authorization", Array(String("hunter2"), String("hunter2")))
            .Attr("user", Map(("name", String("ann")), ("password", String("hunter2")), ("deep", Array(Map(("token", String("hunter2")))))))
            .Attr("req.headers", Map(("Accept", String("x")), ("X-Api-Key", Array(String("hunter2"))), ("Set-Cookie", String("hunter2"))))
            .Attr("password", Bytes(1, 2, 3))
            .Attr("password", "hunter2"));
        row.Context.ShouldBe(
            """{"attributes":{"http.request.header.authorization":["REDACTED","REDACTED"],"user":{"name":"ann","password":"REDACTED","deep":[{"token":"REDACTED"}]},"req.headers":{"Accept":"x","X-Api-Key":["REDACTED"],"Set-Cookie":"REDACTED"},"password":"REDACTED"},"repeated_attributes":[{"key":"password","value":"REDACTED"}]}""");
    }

    [Fact]
    public void Secrets_of_a_structured_body_leak_neither_into_message_nor_context()
    {
        var row = Decoded.Log(Log().Body(Map(("user", String("ann")), ("password", String("hunter2")))));
        row.Message.ShouldBe("""{"user":"ann","password":"REDACTED"}""");
        row.Context.ShouldBe("""{"body":{"user":"ann","password":"REDACTED"}}""");
    }

    [Fact]
    public void Secrets_of_resources_events_and_links_are_redacted()
    {
        var secret = KeyValue("api_key", String("hunter2"));
        var span = Span().Message(11, new Proto().Text(2, "e").Message(3, secret)).Message(13, new Proto().Message(4, secret))
            .Message(11, new Proto().Text(2, "exception").Message(3, secret));
        var rows = Decoded.Of(OtlpSignal.Traces, RequestFrom(Resource(("api_key", String("hunter2"))), span)).Rows;
        rows.Length.ShouldBe(2);
        rows.ShouldAllBe(row => !row.Context.Contains("hunter2") && row.Context.Contains("REDACTED"));
        rows.ShouldAllBe(row => row.Resource == """{"attributes":{"api_key":"REDACTED"}}""");
    }

    [Fact]
    public void Own_lists_take_the_place_of_the_defaults()
    {
        var rules = new MappingRules { Secrets = new SecretNames(["x-Größe"], [], ["pin"]) };
        var row = Decoded.Log(
            Log().Attr("card.PIN", "1234").Attr("password", "p").Attr("http.request.header.x-Größe", "g"), rules);
        row.Attributes.GetRawText().ShouldBe(
            """{"card.PIN":"REDACTED","password":"p","http.request.header.x-Größe":"REDACTED"}""");
    }

    [Theory]
    [InlineData("Cookie", true)]
    [InlineData("X-AUTH", true)]
    [InlineData("monkey", true)]
    [InlineData("accept", false)]
    [InlineData("", false)]
    public void Header_is_judged_by_name_and_by_part(string name, bool isSecret) =>
        SecretNames.Default.IsSecretHeader(Encoding.UTF8.GetBytes(name)).ShouldBe(isSecret);
}
