using System.Globalization;
using System.Text;
using Collector.Receive.Otlp;
using Collector.Receive.Rows;
using static Collector.Tests.Receive.Otlp.Otel;

namespace Collector.Tests.Receive.Otlp;

public sealed class RowLimitTests
{
    private const int Limit = 4096;

    private static readonly MappingRules _rules = new() { MaxRowBytes = Limit };

    [Fact]
    public void Long_message_is_cut_between_characters()
    {
        var row = Decoded.Log(Log().Body(new string('世', 4000)), _rules);
        row.Message.Trim('世').ShouldBeEmpty();
        Encoding.UTF8.GetByteCount(row.Message).ShouldBeInRange(Limit / 2, Limit);
        row.Notes.Single().ShouldStartWith("message: cut to ");
    }

    [Theory]
    [InlineData("x")]
    [InlineData("\n")]
    [InlineData("世")]
    public void Long_attribute_is_cut_and_what_follows_still_stands(string unit)
    {
        var text = string.Concat(Enumerable.Repeat(unit, 10_000));
        var row = Decoded.Log(Log().Body("hi").Attr("first", Int(1)).Attr("long", text), _rules);
        var kept = row.Attributes.GetProperty("long").GetString()!;
        text.ShouldStartWith(kept);
        kept.Length.ShouldBeGreaterThan(100);
        row.Notes.Single().ShouldStartWith("attributes.long: cut to ");
        row.Message.ShouldBe("hi");
        Encoding.UTF8.GetByteCount(row.Context).ShouldBeLessThan(Limit + 200);
    }

    [Fact]
    public void Long_value_that_is_no_string_becomes_null()
    {
        var row = Decoded.Log(
            Log().Attr("list", Array([.. Enumerable.Repeat(String("abcdefgh"), 2000)])).Attr("n", Int(1)), _rules);
        row.Attributes.GetRawText().ShouldBe("""{"list":null,"n":1}""");
        row.Notes.ShouldBe(["attributes.list: 24004 bytes left out, row too long"]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void The_largest_value_gives_way_wherever_it_stands(int place)
    {
        var span = Span();
        for (var i = 0; i < 3; i++)
        {
            span.SpanAttr($"a{i}", String(i == place ? new string('x', 100_000) : $"small {i}"));
        }

        span.Message(11, Event("choice", ("text", String(new string('y', 500)))));
        var row = Decoded.Of(OtlpSignal.Traces, Otel.Request(span), _rules).Row;

        row.Attributes.EnumerateObject().Count().ShouldBe(3);
        row.Attributes.GetProperty($"a{(place + 1) % 3}").GetString().ShouldBe($"small {(place + 1) % 3}");
        row.Attributes.GetProperty($"a{place}").GetString()!.Length.ShouldBeGreaterThan(1000);
        row.Json.GetProperty("events")[0].GetProperty("attributes").GetProperty("text").GetString()!.Length.ShouldBe(500);
        row.Notes.Single().ShouldStartWith($"attributes.a{place}: cut to ");
    }

    [Fact]
    public void Attributes_without_room_are_counted_and_notes_are_bounded()
    {
        var record = Log();
        for (var i = 0; i < 5_000; i++)
        {
            record.Attr(i.ToString(CultureInfo.InvariantCulture), new Proto().Bytes(1, 0xFF));
        }

        var row = Decoded.Log(record, _rules);
        row.Notes.Length.ShouldBe(33);
        row.Notes[^1].ShouldStartWith("and ");
        Encoding.UTF8.GetByteCount(row.Context).ShouldBeLessThan(2 * Limit);
    }

    [Fact]
    public void Everything_else_of_a_row_is_bounded_too()
    {
        var huge = new string('y', 100_000);
        var span = Span(huge).Text(3, huge).Message(15, new Proto().Text(2, huge).Varint(3, 2))
            .Message(11, Event(huge, (huge, String(huge)))).Message(11, Event("exception", ("exception.message", String(huge))));
        var logs = Decoded.Of(OtlpSignal.Logs, Otel.Request(Log().Text(3, huge).Text(12, huge)
            .Body(Map(("k", String(huge)))).Attr(huge, huge)), _rules);
        var spans = Decoded.Of(OtlpSignal.Traces, RequestFrom(Resource(("service.name", String(huge))), span), _rules);
        foreach (var row in logs.Rows.Concat(spans.Rows))
        {
            (row.Context.Length + row.Message.Length).ShouldBeLessThan(2 * Limit);
            row.Worker.Length.ShouldBeLessThanOrEqualTo(256);
            row.Resource.Length.ShouldBeLessThan(2 * Limit);
            row.Json.ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Object);
            row.Notes.ShouldNotBeEmpty();
        }
    }

    [Fact]
    public void Structured_body_too_long_for_the_context_is_still_the_message()
    {
        var row = Decoded.Log(Log().Body(Array([.. Enumerable.Repeat(Int(12345), 2000)])), _rules);
        row.Message.ShouldStartWith("[12345,12345");
        row.Notes.ShouldContain("body: left out, row too long");
    }
}
