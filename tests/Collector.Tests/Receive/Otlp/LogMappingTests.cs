using Collector.Model;
using static Collector.Tests.Receive.Otlp.Otel;

namespace Collector.Tests.Receive.Otlp;

public sealed class LogMappingTests
{
    private static readonly byte[] _trace = [.. Enumerable.Range(1, 16).Select(value => (byte)value)];

    private const string TraceHex = "0102030405060708090a0b0c0d0e0f10";

    [Theory]
    [InlineData(1, Level.Debug)]
    [InlineData(8, Level.Debug)]
    [InlineData(9, Level.Info)]
    [InlineData(12, Level.Info)]
    [InlineData(13, Level.Warn)]
    [InlineData(16, Level.Warn)]
    [InlineData(17, Level.Error)]
    [InlineData(24, Level.Error)]
    public void Level_comes_from_the_severity_number(int number, object level)
    {
        var row = Decoded.Log(Log().Varint(2, number).Text(3, "debug"));
        row.Level.ShouldBe(level);
        row.Json.GetProperty("severity_number").GetInt32().ShouldBe(number);
        row.Json.GetProperty("severity_text").GetString().ShouldBe("debug");
    }

    [Theory]
    [InlineData("TRACE", Level.Debug)]
    [InlineData("Debug", Level.Debug)]
    [InlineData("verbose", Level.Debug)]
    [InlineData("INFO2", Level.Info)]
    [InlineData("Information", Level.Info)]
    [InlineData("notice", Level.Info)]
    [InlineData("Warn", Level.Warn)]
    [InlineData("warning", Level.Warn)]
    [InlineData("err", Level.Error)]
    [InlineData("ERROR", Level.Error)]
    [InlineData("critical", Level.Error)]
    [InlineData(" Fatal ", Level.Error)]
    [InlineData("panic", Level.Error)]
    [InlineData("emergency", Level.Error)]
    [InlineData("alert", Level.Error)]
    [InlineData("custom", Level.Info)]
    [InlineData("a text much longer than any word for a level", Level.Info)]
    [InlineData("", Level.Info)]
    public void Level_comes_from_the_text_when_there_is_no_number(string text, object level) =>
        Decoded.Log(Log().Text(3, text)).Level.ShouldBe(level);

    [Theory]
    [InlineData(25, Level.Error)]
    [InlineData(int.MaxValue, Level.Error)]
    [InlineData(-1, Level.Info)]
    public void Severity_out_of_range_is_noted_and_kept(int number, object level)
    {
        var row = Decoded.Log(Log().Varint(2, number));
        row.Level.ShouldBe(level);
        row.Notes.ShouldBe([$"severity_number: {number} is out of range"]);
        row.Json.GetProperty("severity_number").GetInt32().ShouldBe(number);
    }

    [Fact]
    public void Record_without_anything_else_has_no_context() => Decoded.Log(Log().Body("x")).Context.ShouldBeEmpty();

    [Theory]
    [InlineData(5, 7, "1970-01-01T00:00:00.000000005Z")]
    [InlineData(0, 7, "1970-01-01T00:00:00.000000007Z")]
    [InlineData(0, 0, "2026-11-23T12:00:01.000000000Z")]
    public void Time_is_the_events_else_the_observed_else_the_arrivals(ulong time, ulong observed, string expected) =>
        Decoded.Log(new Proto().Fixed64(1, time).Fixed64(11, observed)).Timestamp.ShouldBe(expected);

    [Fact]
    public void Correlation_follows_its_precedence()
    {
        var record = Log();
        Guid.Parse(Decoded.Log(record).CorrelationId).Version.ShouldBe(7);
        record.Bytes(9, _trace);
        Decoded.Log(record).CorrelationId.ShouldBe(TraceHex);
        record.Attr("ctx", Map(("req", Map(("correlationId", String("deep"))))));
        Decoded.Log(record).CorrelationId.ShouldBe("deep");
        record.Attr("http.request.header.x-correlation-id", Array(String("header"), String("second")));
        Decoded.Log(record).CorrelationId.ShouldBe("deep", "it has fewer levels above it");
        record.Attr("X-Correlation-ID", "top");
        Decoded.Log(record).CorrelationId.ShouldBe("top");
        record.Body(Map(("CorrelationId", String("body"))));
        Decoded.Log(record).CorrelationId.ShouldBe("body", "its name is the more telling one");
        record.Attr("correlation.id", Double(42));
        Decoded.Log(record).CorrelationId.ShouldBe("42");
        record.Attr("correlation_id", "second of its name");
        Decoded.Log(record).CorrelationId.ShouldBe("42");
    }

    [Fact]
    public void Correlation_passes_over_what_is_empty_or_no_text() => Decoded.Log(
        Log().Attr("correlation_id", "").Attr("correlation.id", Bool(true)).Bytes(9, _trace))
        .CorrelationId.ShouldBe(TraceHex);

    [Fact]
    public void Correlation_id_is_cut_to_256_bytes_and_noted()
    {
        var row = Decoded.Log(Log().Attr("correlation_id", new string('ü', 200)));
        row.CorrelationId.ShouldBe(new string('ü', 128));
        row.Notes.ShouldBe(["correlation_id: cut to 256 of 400 bytes"]);
        row.Attributes.GetProperty("correlation_id").GetString().ShouldBe(new string('ü', 200));
    }

    [Theory]
    [InlineData("request_id")]
    [InlineData("request.id")]
    [InlineData("RequestId")]
    [InlineData("http.request.header.x-request-id")]
    [InlineData("http.request.header.x_request_id")]
    public void Request_id_comes_from_any_of_its_attributes(string name) =>
        Decoded.Log(Log().Attr(name, "r-1")).RequestId.ShouldBe("r-1");

    [Theory]
    [InlineData("cpu_time_ms", 12.5, 12L)]
    [InlineData("execution_time_ms", 13.0, 13L)]
    [InlineData("cloudflare.cpu_time_ms", 0.0, 0L)]
    [InlineData("cpu_time_ms", -1.0, null)]
    [InlineData("cpu_time_ms", double.NaN, null)]
    [InlineData("cpu_time_ms", 1e300, null)]
    public void Execution_time_is_a_rounded_number_that_makes_sense(string name, double value, long? expected) =>
        Decoded.Log(Log().Attr(name, Double(value))).ExecutionTimeMs.ShouldBe(expected);

    [Fact]
    public void Outcome_is_the_producers_word() =>
        Decoded.Log(Log().Attr("cloudflare.outcome", "exceededCpu")).Outcome.ShouldBe("exceededCpu");

    [Theory]
    [InlineData("exception.type", "TypeError")]
    [InlineData("exception.message", "it broke")]
    public void Record_with_an_exception_attribute_is_an_exception_at_error(string name, string value)
    {
        var row = Decoded.Log(Log().Attr(name, value));
        row.Kind.ShouldBe(Kind.Exception);
        row.Level.ShouldBe(Level.Error);
        row.Message.ShouldBe(value);
        row.Attributes.GetProperty(name).GetString().ShouldBe(value);
    }

    [Fact]
    public void Exception_keeps_the_severity_it_has_and_tells_type_and_message()
    {
        var row = Decoded.Log(
            Log().Varint(2, 13).Attr("exception.type", "TypeError").Attr("exception.message", "it broke"));
        row.Level.ShouldBe(Level.Warn);
        row.Message.ShouldBe("TypeError: it broke");
    }

    public static TheoryData<string, string> Bodies => new()
    {
        { "text", "plain" }, { "int", "-5" }, { "double", "2" }, { "nan", "NaN" }, { "bool", "true" },
        { "bytes", "3q2+7w==" }, { "array", """["a",1,null]""" }, { "map", """{"a":{"b":true}}""" },
        { "message", "from the map" }, { "msg", "short" }, { "none", "user.login" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public void Message_is_the_body_as_a_human_reads_it(string body, string message)
    {
        var record = Log().Text(12, "user.login");
        var row = Decoded.Log(body switch
        {
            "text" => record.Body("plain"),
            "int" => record.Body(Int(-5)),
            "double" => record.Body(Double(2)),
            "nan" => record.Body(Double(double.NaN)),
            "bool" => record.Body(Bool(true)),
            "bytes" => record.Body(Bytes(0xDE, 0xAD, 0xBE, 0xEF)),
            "array" => record.Body(Array(String("a"), Int(1), new Proto())),
            "map" => record.Body(Map(("a", Map(("b", Bool(true)))))),
            "message" => record.Body(Map(("n", Int(1)), ("message", String("from the map")), ("msg", String("x")))),
            "msg" => record.Body(Map(("msg", String("short")))),
            _ => record,
        });
        row.Message.ShouldBe(message);
        row.Json.TryGetProperty("body", out _).ShouldBe(body is "array" or "map" or "message" or "msg");
    }

    [Theory]
    [InlineData("Order {OrderId} for {Total:F2}, {Name,-10}|", "Order 7 for 9.5, ann|")]
    [InlineData("{@Cart} {Cart} {Plain} {@Plain}", "[1,\"x\"] [1,\"x\"] true true")]
    [InlineData("{{literal}} {OrderId}}", "{literal} 7}")]
    [InlineData("{Missing} {OrderId}", "{Missing} 7")]
    [InlineData("{Missing} {", null)]
    [InlineData("{\"Order\" is 1}", null)]
    [InlineData("{password} leaks not", "REDACTED leaks not")]
    public void Template_is_filled_from_the_attributes(string template, string? filled)
    {
        var row = Decoded.Log(Log().Body(template).Attr("OrderId", Int(7)).Attr("Total", Double(9.5))
            .Attr("Name", "ann").Attr("@Cart", Array(Int(1), String("x"))).Attr("Plain", Bool(true))
            .Attr("password", "hunter2").Attr("{OriginalFormat}", template));
        row.Message.ShouldBe(filled ?? template);
        row.Context.ShouldNotContain("hunter2");
        row.Json.TryGetProperty("body", out var body).ShouldBe(filled is not null);
        if (filled is not null)
        {
            body.GetString().ShouldBe(template);
        }
    }

    [Theory]
    [InlineData("Go's {order_id}", "order_id")]
    [InlineData("json {\"a\":1} {a}", "a")]
    public void Braces_that_somebody_wrote_stay(string body, string name) => Decoded.Log(Log().Body(body).Attr(name, Int(7))).Message.ShouldBe(body);

    [Fact]
    public void A_template_that_was_formatted_already_is_not_filled_again() => Decoded.Log(
        Log().Body("Search {User} by bob").Attr("Query", "{User}").Attr("User", "bob").Attr("{OriginalFormat}", "Search {Query} by {User}"))
        .Message.ShouldBe("Search {User} by bob");

    [Fact]
    public void A_template_of_many_placeholders_and_attributes_is_filled_in_linear_time()
    {
        var template = string.Concat(Enumerable.Repeat("{zzzzz}", 20_000));
        var record = Log().Body(template).Attr("{OriginalFormat}", template);
        for (var i = 0; i < 20_000; i++)
        {
            record.Attr($"{i:00000}", Int(i));
        }

        var watch = System.Diagnostics.Stopwatch.StartNew();
        Decoded.Log(record).Message.ShouldBe(template);
        // It took seconds when each placeholder went through all attributes.
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(2));
    }

    [Theory]
    [InlineData("event src/main.rs:148", "error", "stock is empty", "stock is empty")]
    [InlineData("event src/main.rs:148", "order", "13", "order=13")]
    [InlineData("order.paid", "order", "13", "order.paid")]
    [InlineData("", "message", "of the attribute", "of the attribute")]
    [InlineData("", "password", "hunter2", "password=REDACTED")]
    public void Without_a_body_the_words_of_the_record_are_the_message(string eventName, string name, string value, string message)
    {
        Decoded.Log(Log().Text(12, eventName).Attr(name, value)).Message.ShouldBe(message);
        Decoded.Log(Log().Body("").Text(12, eventName).Attr(name, value)).Message.ShouldBe(message, "an empty body is none");
    }

    [Fact]
    public void Nul_in_a_message_becomes_a_replacement_character_with_a_note()
    {
        var row = Decoded.Log(Log().Body("a\0b"));
        row.Message.ShouldBe("a\uFFFDb");
        row.Notes.ShouldBe(["message: NUL replaced"]);
    }

    [Fact]
    public void Ids_of_a_wrong_length_are_left_out_with_a_note_and_zeros_without()
    {
        var row = Decoded.Log(Log().Bytes(9, 1, 2, 3).Bytes(10, new byte[8]));
        row.TraceId.ShouldBeEmpty();
        row.SpanId.ShouldBeEmpty();
        row.Notes.ShouldBe(["trace_id: 3 bytes instead of 16, left out: 010203"]);
    }

    [Fact]
    public void Worker_is_the_service_else_the_script_else_unknown()
    {
        Worker(Resource(("faas.name", String("fn")), ("service.name", String("svc")))).ShouldBe("svc");
        Worker(Resource(("faas.name", String("fn")), ("service.name", String("")))).ShouldBe("fn");
        Worker(Resource(("cloudflare.script_name", String("edge")))).ShouldBe("edge");
        Worker(Resource()).ShouldBe("unknown-worker");

        static string Worker(Proto resource) =>
            Decoded.Of(Collector.Receive.Otlp.OtlpSignal.Logs, RequestFrom(resource, Log())).Row.Worker;
    }

    [Fact]
    public void All_that_has_no_column_stays_in_the_context()
    {
        var row = Decoded.Log(Log().Fixed64(11, Noon).Varint(7, 3).Fixed32(8, 1).Text(12, "evt").Body("b"));
        row.Context.ShouldBe(
            """{"observed_timestamp":"2026-11-23T12:00:00.000000000Z","event_name":"evt","flags":1,"dropped_attributes_count":3}""");
        row.Kind.ShouldBe(Kind.Log);
        row.Outcome.ShouldBeEmpty();
    }
}
