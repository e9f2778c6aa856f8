using System.Globalization;
using System.Text.Json;
using Collector.Commands;
using Collector.Receive.Otlp;
using static Collector.Tests.Receive.Otlp.Otel;

namespace Collector.Tests.Receive.Otlp;

public sealed class ValueTests
{
    public static TheoryData<byte[], string> Values => new()
    {
        { String("plain").ToArray(), "\"plain\"" },
        { String("").ToArray(), "\"\"" },
        { String("q\" b\\ n\n r\r t\t 0\0 1\u0001 1f\u001f ü世🌍").ToArray(), "\"q\\\" b\\\\ n\\n r\\r t\\t 0\\u0000 1\\u0001 1f\\u001f ü世🌍\"" },
        { Bool(true).ToArray(), "true" },
        { Bool(false).ToArray(), "false" },
        { Int(long.MaxValue).ToArray(), "9223372036854775807" },
        { Int(long.MinValue).ToArray(), "-9223372036854775808" },
        { Double(0.1).ToArray(), "0.1" },
        { Double(3).ToArray(), "3.0" },
        { Double(-0.0).ToArray(), "-0.0" },
        { Double(1e21).ToArray(), "1E+21" },
        { Double(double.NaN).ToArray(), "\"NaN\"" },
        { Double(double.PositiveInfinity).ToArray(), "\"Infinity\"" },
        { Double(double.NegativeInfinity).ToArray(), "\"-Infinity\"" },
        { Bytes(0xDE, 0xAD, 0xBE, 0xEF).ToArray(), "\"3q2+7w==\"" },
        { Bytes().ToArray(), "\"\"" },
        { Array().ToArray(), "[]" },
        { Array(Int(1), String("a"), new Proto(), Array(Bool(true))).ToArray(), "[1,\"a\",null,[true]]" },
        { Map().ToArray(), "{}" },
        { Map(("a", Int(1)), ("b c\"", Map(("d", new Proto())))).ToArray(), "{\"a\":1,\"b c\\\"\":{\"d\":null}}" },
        { [], "null" },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void Attribute_of_every_type_reads_as_json(byte[] value, string json)
    {
        var row = Decoded.Log(Log().Attr("k", new Proto().Raw(value)));
        row.Context.ShouldBe($"{{\"attributes\":{{\"k\":{json}}}}}");
        JsonDocument.Parse(row.Context).Dispose();
        row.Notes.ShouldBeEmpty();
    }

    [Fact]
    public void Invalid_utf8_is_repaired_and_noted_wherever_it_stands()
    {
        var broken = new Proto().Bytes(1, (byte)'a', 0xFF, (byte)'"', 0xE2, 0x82);
        var record = Log().Body(broken).Attr("x", broken).Attr("deep", Array(Map(("y", broken))))
            .Message(6, new Proto().Bytes(1, (byte)'k', 0xC0).Message(2, Int(1)))
            .Bytes(3, 0xFF).Attr("correlation_id", broken);
        var decoded = Decoded.Of(OtlpSignal.Logs, Otel.Request(record));
        decoded.Row.Message.ShouldBe("a\uFFFD\"\uFFFD");
        decoded.Row.CorrelationId.ShouldBe("a\uFFFD\"\uFFFD");
        decoded.Row.Attributes.GetProperty("x").GetString().ShouldBe("a\uFFFD\"\uFFFD");
        decoded.Row.Attributes.GetProperty("k\uFFFD").GetInt32().ShouldBe(1);
        decoded.Row.Notes.ShouldBe(
        [
            "message: invalid UTF-8 repaired", "attributes.x: invalid UTF-8 repaired",
            "attributes.deep: invalid UTF-8 repaired", "attributes.k\uFFFD: invalid UTF-8 repaired",
            "attributes.correlation_id: invalid UTF-8 repaired", "severity_text: invalid UTF-8 repaired",
        ]);
        decoded.OddValues.ShouldBe(6);
    }

    [Fact]
    public void Repeated_attribute_is_kept_beside_the_first() =>
        Decoded.Log(Log().Attr("k", "1").Attr("other", Int(0)).Attr("k", Int(2)).Attr("k", "3")).Context.ShouldBe(
            """{"attributes":{"k":"1","other":0},"repeated_attributes":[{"key":"k","value":2},{"key":"k","value":"3"}]}""");

    [Fact]
    public void Many_attributes_lose_none_and_know_their_repeats()
    {
        var record = Log();
        for (var i = 0; i < 20_000; i++)
        {
            record.Attr((i % 15_000).ToString(CultureInfo.InvariantCulture), Int(i));
        }

        var row = Decoded.Log(record);
        row.Attributes.EnumerateObject().Count().ShouldBe(15_000);
        row.Json.GetProperty("repeated_attributes").GetArrayLength().ShouldBe(5_000);
    }

    [Fact]
    public void Value_nested_64_deep_is_kept_and_deeper_is_cut_with_a_note()
    {
        var kept = Decoded.Log(Log().Attr("k", Nested(63)));
        kept.Notes.ShouldBeEmpty();
        kept.Context.ShouldContain(new string('[', 63) + "\"bottom\"");
        var cut = Decoded.Log(Log().Attr("k", Nested(64)));
        cut.Context.ShouldContain(new string('[', 64) + "\"(nested deeper than 64)\"");
        cut.Notes.ShouldBe(["attributes.k: nested deeper than 64, cut"]);
    }

    [Fact]
    public void Value_nested_10000_deep_costs_only_itself()
    {
        var decoded = Decoded.Of(OtlpSignal.Logs, Otel.Request(Log().Body("fine").Attr("k", Nested(10_000)).Attr("n", Int(1))));
        decoded.Row.Message.ShouldBe("fine");
        decoded.Row.Attributes.GetProperty("n").GetInt32().ShouldBe(1);
        decoded.OddValues.ShouldBe(1);
    }

    [Fact]
    public void Deepest_kept_map_of_a_span_event_is_written_whole()
    {
        var value = String("bottom");
        for (var i = 0; i < 80; i++)
        {
            value = Map(("k", value));
        }

        var decoded = Decoded.Of(OtlpSignal.Traces, Otel.Request(Span().Message(11, Event("e", ("deep", value)))));
        decoded.Row.Context.ShouldContain("\"k\":\"(nested deeper than 64)\"");
        decoded.Row.Notes.ShouldBe(["event.attributes.deep: nested deeper than 64, cut"]);
    }

    [Fact]
    public void Field_with_the_number_of_a_note_but_another_type_is_unknown()
    {
        var map = new Proto().Message(1, KeyValue("password", String("hunter2"))).Varint(19_042, 1);
        var row = Decoded.Log(Log().Attr("m", new Proto().Message(6, map)));
        row.Context.ShouldBe("""{"attributes":{"m":{"password":"REDACTED"}}}""");
    }

    private static Proto Nested(int depth)
    {
        // Written from the inside out; an array's value is a message in a message.
        var value = String("bottom");
        for (var i = 0; i < depth; i++)
        {
            value = Array(value);
        }

        return value;
    }
}
