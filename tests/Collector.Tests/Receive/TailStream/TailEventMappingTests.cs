using Collector.Model;
using Collector.Receive.Request;
using Collector.Receive.Rows;
using Collector.Receive.TailStream;
using Collector.Tests.Receive.Otlp;
using static Collector.Tests.Receive.TailStream.TailEvents;

namespace Collector.Tests.Receive.TailStream;

public sealed class TailEventMappingTests
{
    [Fact]
    public void A_console_line_is_a_log_row_of_its_request()
    {
        var row = Row(Log("warn", """{"cart":3}""", Quoted("got %d of %s"), "42", "\"it\""));

        (row.Kind, row.Level, row.Worker, row.RequestId, row.CorrelationId).ShouldBe((Kind.Log, Level.Warn, "edge", "r-1", "r-1"));
        row.Message.ShouldBe("got 42 of it");
        row.Timestamp.ShouldBe(Timestamps.ToText(Otel.Noon));
        row.Attributes.GetProperty("cart").GetInt32().ShouldBe(3);
        row.Json.GetProperty("arguments").GetArrayLength().ShouldBe(3);
        row.Notes.ShouldBeEmpty();
    }

    [Fact]
    public void A_structured_line_gives_its_fields_to_the_row_and_its_context_adds_to_them()
    {
        const string trace = "0af7651916cd43dd8448eb211c80319c";
        var row = Row(Log(
            "log", $$"""{"trace_id":"{{trace}}","password":"p"}""", """{"level":"error","message":"low","correlation_id":"c-9","stock":1}"""));

        (row.Level, row.Message, row.CorrelationId, row.TraceId).ShouldBe((Level.Error, "low", "c-9", trace));
        row.Attributes.GetProperty("stock").GetInt32().ShouldBe(1);
        row.Attributes.GetProperty("password").GetString().ShouldBe("REDACTED");
        row.Json.GetProperty("level").GetString().ShouldBe("log");
    }

    [Theory]
    [InlineData("plain text", "plain text")]
    [InlineData("{not json", "{not json")]
    [InlineData("\"half", "\"half")]
    [InlineData("", "")]
    [InlineData("true", "true")]
    public void What_is_no_json_is_plain_text(string argument, string message) => Row(Log(argument)).Message.ShouldBe(message);

    [Fact]
    public void A_context_that_is_no_object_is_kept_as_text_and_noted()
    {
        var row = Row(Log("log", "[1]", "\"a\""));

        row.Json.GetProperty("context").GetString().ShouldBe("[1]");
        row.Notes.ShouldBe(["context: no JSON object, kept as text"]);
    }

    [Fact]
    public void An_exception_is_an_error_row_with_its_stack()
    {
        var row = Row(Exception("TypeError", "no \"x\"", "at a\n at b"));

        (row.Kind, row.Level, row.Message).ShouldBe((Kind.Exception, Level.Error, "TypeError: no \"x\""));
        row.Attributes.GetProperty("exception.type").GetString().ShouldBe("TypeError");
        row.Attributes.GetProperty("exception.stacktrace").GetString().ShouldBe("at a\n at b");
    }

    [Fact]
    public void A_request_is_a_row_with_status_outcome_times_and_without_secrets()
    {
        var row = Row(Event().Message(9, new Proto().Text(1, "POST").Text(2, "https://a/buy?x=1").Varint(3, 503).Text(5, "exception")
            .Message(4, Header("x-correlation-id", "from-header")).Message(4, Header("cookie", "c=1")).Message(6, Timing(3.6, 12.5))));

        (row.Kind, row.Level, row.Message, row.Outcome).ShouldBe((Kind.Request, Level.Error, "POST /buy 503 exception", "exception"));
        (row.CorrelationId, row.ExecutionTimeMs, row.WallTimeMs).ShouldBe(("from-header", 4L, 12.5));
        var headers = row.Json.GetProperty("event").GetProperty("request").GetProperty("headers");
        headers.GetProperty("cookie").GetString().ShouldBe("REDACTED");
        headers.GetProperty("x-correlation-id").GetString().ShouldBe("from-header");
    }

    [Fact]
    public void A_request_without_an_answer_has_no_status()
    {
        var row = Row(Event().Message(9, new Proto().Text(1, "GET").Text(2, "/a").Text(5, "canceled")));

        (row.Level, row.Message).ShouldBe((Level.Warn, "GET /a canceled"));
    }

    [Fact]
    public void A_request_of_headers_alone_is_a_row()
    {
        var row = Row(Event().Message(9, new Proto().Message(4, Header("a", "b")).Message(4, Header("c", "d")).Varint(3, 200)));

        var happened = row.Json.GetProperty("event");
        happened.GetProperty("request").GetProperty("headers").GetProperty("c").GetString().ShouldBe("d");
        happened.GetProperty("response").GetProperty("status").GetInt32().ShouldBe(200);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(2)]
    [InlineData(0)]
    [InlineData(-1)]
    public void An_argument_as_deep_as_can_be_walked_or_deeper_is_a_row(int less)
    {
        var depth = JsonTable.MaxDepth - less;

        var row = Row(Log(new string('[', depth) + new string(']', depth)), new MappingRules { MaxRowBytes = 2_048 });

        (row.Kind, row.Worker).ShouldBe((Kind.Log, "edge"));
    }

    [Fact]
    public void A_timing_by_itself_is_a_span_with_both_times()
    {
        var row = Row(Event().Message(10, Timing(3.2, 12.5)));

        (row.Kind, row.Message, row.ExecutionTimeMs, row.WallTimeMs).ShouldBe((Kind.Span, "timing: wall 12.5 ms, CPU 3 ms", 3L, 12.5));
        Row(Event().Message(10, Timing(double.NaN, -1))).Notes.Length.ShouldBe(2);
    }

    [Fact]
    public void An_event_that_says_nothing_is_kept_and_noted()
    {
        var row = Row(new Proto().Text(1, "s").Varint(2, 1).Text(99, "new"));

        (row.Kind, row.Worker, row.Message).ShouldBe((Kind.Log, "unknown-worker", ""));
        row.Timestamp.ShouldBe(Timestamps.ToText(Decoded.Received));
        Guid.TryParse(row.CorrelationId, out _).ShouldBeTrue();
        row.Notes.ShouldHaveSingleItem().ShouldContain("none of log, exception, request and timing");
    }

    [Fact]
    public void Broken_text_is_repaired_and_noted_in_each_kind_of_event()
    {
        foreach (var happened in new[]
        {
            Event().Message(7, new Proto().Bytes(2, Broken("a"))),
            Event().Message(8, new Proto().Text(1, "E").Bytes(2, Broken("a"))),
        })
        {
            var row = Row(happened);
            row.Message.ShouldContain("a\uFFFD\"\uFFFD");
            row.Notes.ShouldNotBeEmpty();
        }
    }

    [Fact]
    public void A_long_line_is_cut_and_noted()
    {
        var row = Row(Log(Quoted(new string('x', 10_000))), new MappingRules { MaxRowBytes = 2_048 });

        row.Message.Length.ShouldBeLessThan(2_048);
        row.Notes.ShouldNotBeEmpty();
    }

    [Fact]
    public void An_event_that_came_before_is_not_mapped_again()
    {
        var decoded = Decode([Event(1), Event(2), Event(1), Event(4), Event(2)]);

        decoded.Rows.Length.ShouldBe(3);
    }

    [Fact]
    public void Memory_that_is_refused_anywhere_is_told_and_never_throws()
    {
        foreach (var happened in new[]
        {
            Log("warn", """{"a":1}""", "{\"b\":[1,2]}", new string('t', 700), "{\"level\":\"error\"}"),
            Exception("TypeError", new string('m', 700), "at a"),
            Event().Message(9, new Proto().Text(1, "POST").Text(2, "https://a/b").Message(4, Header("a", new string('h', 700)))),
            Event().Message(10, Timing(3.2, 12.5)),
        })
        {
            var statuses = Enumerable.Range(0, 1_000).Select(i => DecodeWithin(i * 16, happened)).Distinct();
            statuses.ShouldBe([DecodeStatus.MemoryRefused, DecodeStatus.Ok]);
        }
    }

    [Fact]
    public void Damaged_events_are_refused_or_mapped_and_never_throw()
    {
        var random = new Random(3);
        var whole = Event().Message(9, new Proto().Text(1, "POST").Text(2, "https://a/b").Varint(3, 200).Message(4, Header("a", "b"))).ToArray();
        var log = Log("warn", """{"a":1}""", "{\"b\":[1,2]}", "text").ToArray();
        for (var i = 0; i < 5_000; i++)
        {
            var bytes = (i % 2 == 0 ? whole : log).ToArray();
            for (var flips = random.Next(1, 4); flips > 0; flips--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            var happened = new Proto().Raw(bytes);
            using var call = Call();
            if (call.Check(happened).IsOk)
            {
                using var batch = Decoded.Batch(new Proto().Message(1, happened).ToArray());
                batch.Stream = new StreamPart(call.StreamId!);
                new TailEventDecoder(new MappingRules(), new LogIdSequence())
                    .Decode(batch, Unbounded.Instance, call).Status.ShouldBe(DecodeStatus.Ok);
                Decoded.Read(new DecodeResult(DecodeStatus.Ok), batch).Rows.Length.ShouldBe(1);
            }
        }
    }

    private static DecodeStatus DecodeWithin(int bytes, Proto happened)
    {
        var allowance = new LimitedAllowance(bytes);
        using var call = Call();
        call.Check(happened).IsOk.ShouldBeTrue();
        using var batch = Decoded.Batch(new Proto().Message(1, happened).ToArray(), allowance);
        batch.Stream = new StreamPart(call.StreamId!);
        return new TailEventDecoder(new MappingRules(), new LogIdSequence())
            .Decode(batch, allowance, call).Status;
    }
}
