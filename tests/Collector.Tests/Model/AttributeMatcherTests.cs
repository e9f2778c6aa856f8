using System.Globalization;
using System.Text;
using System.Text.Json;
using Collector.Model;

namespace Collector.Tests.Model;

public sealed class AttributeMatcherTests
{
    private const string Context =
        """
        {"attributes":{"zip":"00700","n":700,"d":7.0,"big":1234567890123456789,"text":"1234567890123456790","empty":"","null":null,"t":true,
        "http":{"req":{"id":5,"a.b":"x"}},"a.b":{"c":"dotted"},"tags":["x","y",3],"k":"first","esc\"aped":1,"n e":"w","u":18446744073709551615,
        "huge":170141183460469231731687303715884105727,"f":0.1,"e":1e3},"repeated_attributes":[{"key":"k","value":"second"},{"key":"k","value":{"z":1}},
        {"key":"k","value":7}],"severity_text":"WARN","body":{"order":{"id":9},"list":[{"q":1}]}}
        """;

    [Theory]
    [InlineData("zip", "=", "00700", true)]
    [InlineData("zip", "=", "700", false)]
    [InlineData("n", "=", "700", true)]
    [InlineData("n", "=", "700.0", true)]
    [InlineData("n", "=", "7e2", true)]
    [InlineData("n", "=", "00700", false)]
    [InlineData("n", "=", "+700", false)]
    [InlineData("n", "=", " 700", false)]
    [InlineData("d", "=", "7", true)]
    [InlineData("big", "=", "1234567890123456789", true)]
    [InlineData("big", "=", "1234567890123456788", false)]
    [InlineData("big", "=", "1234567890123456790", false)]
    [InlineData("big", ">", "1234567890123456788", true)]
    [InlineData("big", ">", "1234567890123456789", false)]
    [InlineData("big", ">=", "1234567890123456789", true)]
    [InlineData("text", "=", "1234567890123456790", true)]
    [InlineData("text", "=", "1234567890123456789", false)]
    [InlineData("text", ">", "1234567890123456789", true)]
    [InlineData("u", "=", "18446744073709551615", true)]
    [InlineData("u", "=", "18446744073709551614", false)]
    [InlineData("huge", "=", "170141183460469231731687303715884105727", true)]
    [InlineData("huge", "=", "170141183460469231731687303715884105726", false)]
    [InlineData("f", "=", "0.1", true)]
    [InlineData("f", "<", "1", true)]
    [InlineData("f", ">", "0", true)]
    [InlineData("e", "=", "1000", true)]
    [InlineData("empty", "=", "", true)]
    [InlineData("zip", "=", "", false)]
    [InlineData("null", "=", "", false)]
    [InlineData("missing", "=", "", false)]
    [InlineData("t", "=", "true", true)]
    [InlineData("t", "=", "false", false)]
    [InlineData("http.req.id", "=", "5", true)]
    [InlineData("http.req.a.b", "=", "x", true)]
    [InlineData("http.id", "=", "5", false)]
    [InlineData("http.req", "=", "5", false)]
    [InlineData("a.b.c", "=", "dotted", true)]
    [InlineData("tags", "=", "y", true)]
    [InlineData("tags", ">", "2", true)]
    [InlineData("tags", "=", "z", false)]
    [InlineData("k", "=", "first", true)]
    [InlineData("k", "=", "second", true)]
    [InlineData("k", "=", "7", true)]
    [InlineData("k", "=", "third", false)]
    [InlineData("esc\"aped", "=", "1", true)]
    [InlineData("n e", "=", "w", true)]
    [InlineData("severity_text", "=", "WARN", true)]
    [InlineData("order.id", "=", "9", true)]
    [InlineData("body.order.id", "=", "9", true)]
    [InlineData("attributes.n", "=", "700", true)]
    public void An_attribute_is_compared_as_what_it_is(string name, string sign, string value, bool expected)
    {
        var comparison = sign switch { "=" => Comparison.Equal, "<" => Comparison.Less, ">" => Comparison.Greater, _ => Comparison.GreaterOrEqual };

        new AttributeMatcher(new AttributeCondition(name, comparison, value)).Matches(Encoding.UTF8.GetBytes(Context)).ShouldBe(expected);
    }

    [Fact]
    public void Equality_of_texts_and_of_integers_is_that_of_the_language()
    {
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var (left, right) = (AnyText(random), random.Next(3) == 0 ? null : AnyText(random));
            right ??= left;
            Holds(JsonSerializer.Serialize(left), right).ShouldBe(string.Equals(left, right, StringComparison.Ordinal), $"{left} = {right}");

            var number = AnyInteger(random);
            var other = random.Next(3) == 0 ? number : random.Next(3) == 0 ? unchecked(number + random.Next(-2, 3)) : AnyInteger(random);
            var (stored, asked) = (Text(number), Text(other));
            Holds(stored, asked).ShouldBe(number == other, $"{stored} = {asked}");
            Compares(stored, Comparison.Less, asked).ShouldBe(number < other, $"{stored} < {asked}");
            Compares(stored, Comparison.GreaterOrEqual, asked).ShouldBe(number >= other, $"{stored} >= {asked}");
            Holds(JsonSerializer.Serialize(stored), asked).ShouldBe(number == other, $"\"{stored}\" = {asked}");
        }
    }

    private static bool Holds(string json, string value) => Compares(json, Comparison.Equal, value);

    private static bool Compares(string json, Comparison comparison, string value) =>
        new AttributeMatcher(new AttributeCondition("a", comparison, value)).Matches(Encoding.UTF8.GetBytes($"{{\"attributes\":{{\"a\":{json}}}}}"));

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static long AnyInteger(Random random) => random.Next(4) switch
    {
        0 => random.Next(-10, 10),
        1 => (1L << 53) + random.Next(-3, 4),
        2 => long.MaxValue - random.Next(3),
        _ => random.NextInt64(long.MinValue, long.MaxValue),
    };

    private static string AnyText(Random random)
    {
        const string letters = "0017.eE+- aÄ\"\\\n\u2028😀";
        return string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => letters[random.Next(13)]));
    }
}
