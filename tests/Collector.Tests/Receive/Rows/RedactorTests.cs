using System.Text;
using Collector.Receive.Otlp;
using Collector.Receive.Rows;
using Collector.Tests.Receive.Otlp;
using Collector.Tests.Receive.Tail;
using Collector.Tests.Support;
using static Collector.Tests.Receive.Otlp.Otel;

namespace Collector.Tests.Receive.Rows;

public sealed class RedactorTests
{
    private const int Limit = 4096;

    // Names and punctuation of the notes.
    private const int Slack = 256;

    private static readonly MappingRules _rules = new() { MaxRowBytes = Limit };

    [Theory]
    [InlineData("&sig=a")]
    [InlineData("h://a@")]
    [InlineData(",\"pwd\":\"a\",\"password\":\"b\"")]
    [InlineData("世&sig=世")]
    public void Row_stays_within_its_room_when_the_marks_are_longer_than_the_secrets(string unit)
    {
        var text = "{\"" + string.Concat(Enumerable.Repeat(unit, 20_000));
        foreach (var row in new[]
        {
            Decoded.Log(Log().Body("x" + text), _rules),
            Decoded.Log(Log().Body("x").Attr("long", text), _rules),
            Decoded.Log(Log().Body("x" + text[..2000]).Attr("a", text[..1000]).Attr("b", text[..1000]), _rules),
            Decoded.Of(OtlpSignal.Traces, Otel.Request(Span().Text(5, text)), _rules).Row,
            TailItems.Decode($$"""[{"scriptName":"w","logs":[{"level":"log","timestamp":1,"message":[{{Json(text)}}]}]}]""", null, _rules).Rows[^1],
        })
        {
            Encoding.UTF8.GetByteCount(row.Message + row.Context).ShouldBeLessThan(Limit + Slack);
            row.Notes.ShouldNotBeEmpty();
        }
    }

    [Fact]
    public void Secret_at_the_cut_of_a_row_is_not_half_there()
    {
        const string Secret = "hunterZhunterYhunterXhunterW";
        string[] texts = [$"https://user:{Secret}@host/", $"/x?token={Secret}", $"\"password\":\"{Secret}\""];
        foreach (var text in texts)
        {
            // So that the cut is at each letter of the text once.
            for (var before = (Limit / 2) - 80; before < Limit / 2; before++)
            {
                var line = "{\"" + new string('x', before) + "\": 1, " + text + " and more " + new string('y', Limit);
                var row = Decoded.Log(Log().Body("-" + line).Attr("copy", line), _rules);
                (row.Message + row.Context).ShouldNotContain("hunter");
                TailItems.Decode($$"""[{"scriptName":"w","logs":[{"level":"log","timestamp":1,"message":[{{Json(line)}},1]}]}]""", null, _rules)
                    .Rows.ShouldAllBe(r => !(r.Message + r.Context).Contains("hunter"));
            }
        }
    }

    [Fact]
    public void Copy_of_a_secret_attribute_at_the_cut_of_a_line_is_not_half_there()
    {
        const string Secret = "hunterZhunterYhunterXhunterW";
        for (var before = (Limit / 2) - 400; before < Limit / 2; before += 3)
        {
            var row = Decoded.Log(Log().Body(new string('x', before) + Secret + new string('y', Limit)).Attr("password", Secret), _rules);
            row.Message.ShouldNotContain("hunter");
        }
    }

    [Fact]
    public void Line_of_a_record_with_very_many_secrets_is_a_secret()
    {
        var record = Log().Body("line with hunter2-7");
        for (var i = 0; i < 300; i++)
        {
            record.Attr($"a{i}.password", $"hunter2-{i}");
        }

        var row = Decoded.Log(record);
        row.Message.ShouldBe("REDACTED");
        row.Context.ShouldNotContain("hunter2");
        row.Notes.ShouldBe(["message: left out, the record has 300 secrets"]);
    }

    [Fact]
    public void Text_behind_a_long_secret_still_stands()
    {
        var row = Decoded.Log(Log().Body("x").Attr("url", $"/x?token={new string('z', 100_000)}&page=2"), _rules);
        row.Attributes.GetProperty("url").GetString().ShouldBe("/x?token=REDACTED&page=2");
        row.Notes.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("://")]
    [InlineData("://a@")]
    [InlineData("=")]
    [InlineData("&password=")]
    [InlineData("{")]
    [InlineData("{\"")]
    [InlineData("\"")]
    [InlineData("\"\\")]
    [InlineData("\\\"")]
    [InlineData("\"password\":")]
    [InlineData("\"a\" :   ")]
    [InlineData("{\"password\":{\"a\":\"b\",")]
    [InlineData("\"     ")]
    public void Hostile_text_is_read_in_linear_time(string unit)
    {
        var small = Measure(unit, 256 * 1024);
        var large = Measure(unit, 2 * 1024 * 1024);
        // Eight times as long; what is quadratic takes 64 times as long, and seconds.
        large.ShouldBeLessThan((small * 24) + TimeSpan.FromMilliseconds(100));
    }

    [Theory]
    [InlineData("5\" disk: {\"password\":\"hunter2\",\"a\":\"b\"}", "5\" disk: {\"password\":\"REDACTED\",\"a\":\"b\"}")]
    [InlineData("  \"password\": \"hunter2\",", "  \"password\": \"REDACTED\",")]
    [InlineData("say \"hi\" {\"a\":{\"token\":[\"hunter2\",\"hunter2\"]},\"b\":\"c\"}", "say \"hi\" {\"a\":{\"token\":[\"REDACTED\",\"REDACTED\"]},\"b\":\"c\"}")]
    [InlineData("[1] got {\n  \"password\" :\n  \"hunter2\"\n} from \"x\"", "[1] got {\n  \"password\" :\n  \"REDACTED\"\n} from \"x\"")]
    [InlineData("GET /?q={\"apiKey\":\"hunter2\"}&token=hunter2&x=1 \"-\"", "GET /?q={\"apiKey\":\"REDACTED\"}&token=REDACTED&x=1 \"-\"")]
    [InlineData("C:\\dir\\\"x\" {\"secret\":\"hun\\\\\",\"a\":\"b\"}", "C:\\dir\\\"x\" {\"secret\":\"REDACTED\",\"a\":\"b\"}")]
    public void Secrets_of_JSON_among_words_are_redacted(string text, string clean)
    {
        Decoded.Log(Log().Body("-" + text)).Message.ShouldBe("-" + clean);
        Decoded.Log(Log().Attr("a", text)).Attributes.GetProperty("a").GetString().ShouldBe(clean);
    }

    private static TimeSpan Measure(string unit, int bytes)
    {
        var text = string.Concat(Enumerable.Repeat(unit, bytes / unit.Length));
        var request = Otel.Request(Log().Body("-" + text).Attr("a", text).Attr("b", Map(("c", String(text)))));
        var least = TimeSpan.MaxValue;
        for (var round = 0; round < 3; round++)
        {
            using var batch = Decoded.Batch(request);
            var before = ThreadCpu.Now;
            Decoded.Decoder.Decode(OtlpSignal.Logs, batch);
            least = TimeSpan.FromTicks(Math.Min(least.Ticks, (ThreadCpu.Now - before).Ticks));
        }

        return least;
    }

    private static string Json(string text) => System.Text.Json.JsonSerializer.Serialize(text);
}
