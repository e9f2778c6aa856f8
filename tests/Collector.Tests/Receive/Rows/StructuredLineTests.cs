using System.Text.Json;
using System.Text.Json.Nodes;
using Collector.Model;
using Collector.Receive.Otlp;
using Collector.Tests.Receive.Otlp;
using Collector.Tests.Receive.Tail;

namespace Collector.Tests.Receive.Rows;

/// <summary>A line of each logger says the same whichever way it comes: as JSON text, as a map, or through a console.</summary>
public sealed class StructuredLineTests
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";

    public static TheoryData<string, string, string, object, string> Lines => new()
    {
        { "pino", $$"""{"level":50,"time":1795435200123,"pid":1,"hostname":"h","correlationId":"c-1","trace_id":"{{Trace}}","msg":"no stock"}""", "no stock", Level.Error, "c-1" },
        { "pino error", """{"level":50,"time":1795435200123,"reqId":"r","correlation_id":"c-1","err":{"type":"TypeError","message":"x is undefined","stack":"TypeError: x is undefined\n    at f (a.js:1:1)"},"msg":"failed"}""", "failed", Level.Error, "c-1" },
        { "pino-http", """{"level":30,"req":{"id":"r-7","method":"GET","headers":{"x-correlation-id":"c-1"}},"msg":"request completed"}""", "request completed", Level.Info, "c-1" },
        { "winston", """{"level":"warn","message":"low","timestamp":"2026-11-23T12:00:00.123Z","correlationId":"c-1"}""", "low", Level.Warn, "c-1" },
        { "bunyan", """{"name":"shop","hostname":"h","pid":1,"level":20,"msg":"start","correlation_id":"c-1","time":"2026-11-23T12:00:00.123Z","v":0}""", "start", Level.Debug, "c-1" },
        { "zap", """{"level":"dpanic","ts":1795435200.123,"caller":"a.go:1","msg":"gone","ns":{"correlation_id":"c-1"}}""", "gone", Level.Error, "c-1" },
        { "slog", """{"time":"2026-11-23T12:00:00.123+01:00","level":"DEBUG-4","msg":"deep","http":{"req":{"correlation_id":"c-1"}}}""", "deep", Level.Debug, "c-1" },
        { "logrus", """{"level":"warning","msg":"slow","time":"2026-11-23T12:00:00Z","correlationID":"c-1"}""", "slow", Level.Warn, "c-1" },
        { "Serilog, rendered", """{"@t":"2026-11-23T12:00:00.1Z","@m":"Order 7 placed","@i":"a","@l":"Warning","OrderId":7,"CorrelationId":"c-1"}""", "Order 7 placed", Level.Warn, "c-1" },
        { "Serilog, template", """{"@t":"2026-11-23T12:00:00.1Z","@mt":"Order {OrderId:000} by {@User}, {Missing}","@l":"Fatal","OrderId":7,"User":"ann","CorrelationId":"c-1"}""", "Order 7 by ann, {Missing}", Level.Error, "c-1" },
        { "Serilog, exception", """{"@t":"2026-11-23T12:00:00.1Z","@mt":"died","@x":"System.Exception: boom\n   at X.Y()","CorrelationId":"c-1"}""", "died", Level.Error, "c-1" },
        { "NLog", """{ "time": "2026-11-23 12:00:00.1234", "level": "Fatal", "message": "disk is full", "CorrelationId": "c-1" }""", "disk is full", Level.Error, "c-1" },
        { "JSON console of .NET", """{"EventId":0,"LogLevel":"Critical","Category":"Shop","Message":"down","State":{"{OriginalFormat}":"down"},"Scopes":[{"Message":"s","CorrelationId":"c-1"}]}""", "down", Level.Error, "c-1" },
        { "log4j", """{"instant":{"epochSecond":1795435200,"nanoOfSecond":123000000},"level":"ERROR","loggerName":"a","message":"no","contextMap":{"correlationId":"c-1"},"thrown":{"name":"java.io.IOException","message":"reset"}}""", "no", Level.Error, "c-1" },
        { "logback", """{"@timestamp":"2026-11-23T12:00:00.123+01:00","@version":"1","message":"m","level":"TRACE","correlation.id":"c-1"}""", "m", Level.Debug, "c-1" },
        { "ECS", """{"@timestamp":"2026-11-23T12:00:00.123Z","log":{"level":"error","logger":"a"},"message":"m","labels":{"correlation_id":"c-1"}}""", "m", Level.Error, "c-1" },
        { "Python json logger", """{"asctime":"2026-11-23 12:00:00,123","levelname":"CRITICAL","message":"m","correlation_id":"c-1"}""", "m", Level.Error, "c-1" },
        { "structlog", """{"event":"order placed","level":"info","timestamp":"2026-11-23T12:00:00.123Z","correlation_id":"c-1"}""", "order placed", Level.Info, "c-1" },
        { "loguru", """{"text":"2026 | WARNING | m\n","record":{"level":{"icon":"!","name":"WARNING","no":30},"message":"m","extra":{"correlation_id":"c-1"},"time":{"repr":"r","timestamp":1795435200.123}}}""", "m", Level.Warn, "c-1" },
        { "GELF", """{"version":"1.1","host":"h","short_message":"m","level":4,"_correlation_id":"c-1"}""", "m", Level.Warn, "c-1" },
        { "monolog", """{"message":"m","context":{"correlation_id":"c-1"},"level":400,"level_name":"ERROR","channel":"app"}""", "m", Level.Error, "c-1" },
        { "journald", """{"MESSAGE":"m","PRIORITY":"3","CORRELATION_ID":"c-1"}""", "m", Level.Error, "c-1" },
        { "Cloud Logging", """{"severity":"ALERT","message":"m","correlation_id":"c-1"}""", "m", Level.Error, "c-1" },
        { "Fluent Bit around pino", """{"log":"{\"level\":40,\"msg\":\"inner\",\"correlationId\":\"c-1\"}\n","stream":"stdout","kubernetes":{"pod_name":"p"}}""", "inner", Level.Warn, "c-1" },
        { "Docker", """{"log":"plain words\n","stream":"stderr","time":"2026-11-23T12:00:00.123Z","attrs":{"correlation-id":"c-1"}}""", "plain words\n", Level.Info, "c-1" },
        { "an error and no words", """{"level":"error","error":{"name":"RangeError","message":"too far","stack":"RangeError: too far\n at f"},"correlation_id":"c-1"}""", "RangeError: too far", Level.Error, "c-1" },
    };

    [Theory]
    [MemberData(nameof(Lines))]
    public void A_line_is_understood_in_whatever_form_it_comes(string producer, string line, string message, object level, string correlation)
    {
        foreach (var (form, row) in Forms(line))
        {
            var where = $"{producer}, {form}";
            row.Message.ShouldBe(message, where);
            row.Level.ShouldBe(level, where);
            row.CorrelationId.ShouldBe(correlation, where);
            row.TraceId.ShouldBe(line.Contains(Trace, StringComparison.Ordinal) ? Trace : "", where);
        }
    }

    [Theory]
    [InlineData("pino error", true)]
    [InlineData("Serilog, exception", true)]
    [InlineData("log4j", true)]
    [InlineData("an error and no words", true)]
    [InlineData("zap", false)]
    [InlineData("structlog", false)]
    public void A_line_with_an_error_in_it_is_an_exception(string producer, bool isException)
    {
        var line = (string)Lines.Single(data => (string)data[0] == producer)[1];

        foreach (var (form, row) in Forms(line))
        {
            row.Kind.ShouldBe(isException ? Kind.Exception : Kind.Log, form);
        }
    }

    [Theory]
    [InlineData("pino", "2026-11-23T12:00:00.123000000Z")]
    [InlineData("zap", "2026-11-23T12:00:00.123000000Z")]
    [InlineData("slog", "2026-11-23T11:00:00.123000000Z")]
    [InlineData("log4j", "2026-11-23T12:00:00.123000000Z")]
    [InlineData("loguru", "2026-11-23T12:00:00.123000000Z")]
    [InlineData("NLog", "2026-11-23T12:00:01.000000000Z")]
    public void The_time_of_a_record_without_one_is_the_lines_unless_it_may_be_anybodys(string producer, string time)
    {
        var line = (string)Lines.Single(data => (string)data[0] == producer)[1];

        Decoded.Of(OtlpSignal.Logs, Otel.Request(new Proto().Body(line))).Row.Timestamp.ShouldBe(time);
    }

    [Fact]
    public void The_text_that_stays_has_lost_its_secrets_and_can_be_got_back()
    {
        var row = Decoded.Log(Otel.Log().Body("""{"msg":"m","password":"hunter2","id":1234567890123456789,"n":{"token":"t"}}"""));

        row.Context.ShouldBe("""{"body":{"msg":"m","password":"REDACTED","id":1234567890123456789,"n":{"token":"REDACTED"}},"body_is_text":true}""");
    }

    [Fact]
    public void What_text_and_attributes_both_hold_is_stored_once_with_the_numbers_of_the_text()
    {
        var row = Decoded.Log(Otel.Log().Body("""{"msg":"m","password":"hunter2","id":1234567890123456789,"n":{"a":[1,"x"]},"e":"a\nb"}""")
            .Attr("log.file.name", "a.log").Attr("msg", "m").Attr("password", "hunter2").Attr("id", Otel.Double(1234567890123456789))
            .Attr("n", Otel.Map(("a", Otel.Array(Otel.Double(1), Otel.String("x"))))).Attr("e", "a\nb"));

        row.Context.ShouldBe(
            """{"attributes":{"log.file.name":"a.log"},"body":{"msg":"m","password":"REDACTED","id":1234567890123456789,"n":{"a":[1,"x"]},"e":"a\nb"},"body_is_text":true,"body_in_attributes":true}""");
    }

    [Fact]
    public void An_attribute_that_says_something_else_than_the_text_is_kept()
    {
        var row = Decoded.Log(Otel.Log().Body("""{"msg":"m","n":1}""").Attr("msg", "m").Attr("n", Otel.Int(2)));

        row.Attributes.GetRawText().ShouldBe("""{"msg":"m","n":2}""");
        row.Json.TryGetProperty("body_in_attributes", out _).ShouldBeFalse();
    }

    [Fact]
    public void A_secret_that_an_attribute_lost_is_in_no_copy_of_the_line()
    {
        var row = Decoded.Log(Otel.Log().Body("user=ann password=hunter2 logged in").Attr("password", "hunter2").Attr("msg", "logged in"));

        row.Message.ShouldBe("logged in");
        row.Context.ShouldNotContain("hunter2");
        row.Json.GetProperty("body").GetString().ShouldBe("user=ann password=REDACTED logged in");
    }

    [Theory]
    [InlineData("\u001b[32m200\u001b[0m GET /", "200 GET /")]
    [InlineData("\u001b[1;31merror\u001b[39;49m: \u001b[Kx", "error: x")]
    [InlineData("\u001b", "")]
    public void Colours_are_taken_out_of_the_message_and_kept_beside_it(string text, string message)
    {
        var row = Decoded.Log(Otel.Log().Body(text));

        row.Message.ShouldBe(message);
        row.Json.GetProperty("body").GetString().ShouldBe(text);
    }

    private static IEnumerable<(string Form, DecodedRow Row)> Forms(string line)
    {
        yield return ("text", Decoded.Log(Otel.Log().Body(line)));
        yield return ("text with blanks", Decoded.Log(Otel.Log().Body($" {line}\r\n")));
        yield return ("map", OtlpJsonRow(JsonNode.Parse(line)!));
        yield return ("console object", TailItems.Line(line));
        yield return ("console text", TailItems.Line(JsonSerializer.Serialize(line)));
    }

    private static DecodedRow OtlpJsonRow(JsonNode line) => Decoded.OfJson(
        OtlpSignal.Logs,
        new JsonObject
        {
            ["resourceLogs"] = new JsonArray(new JsonObject
            {
                ["scopeLogs"] = new JsonArray(new JsonObject { ["logRecords"] = new JsonArray(new JsonObject { ["body"] = ToAnyValue(line) }) }),
            }),
        }.ToJsonString()).Row;

    private static JsonObject ToAnyValue(JsonNode? value) => value switch
    {
        null => [],
        JsonObject map => new JsonObject
        {
            ["kvlistValue"] = new JsonObject
            {
                ["values"] = new JsonArray([.. map.Select(static m => new JsonObject { ["key"] = m.Key, ["value"] = ToAnyValue(m.Value) })]),
            },
        },
        JsonArray list => new JsonObject { ["arrayValue"] = new JsonObject { ["values"] = new JsonArray([.. list.Select(ToAnyValue)]) } },
        _ when value.GetValueKind() == JsonValueKind.Number => new JsonObject { ["doubleValue"] = value.GetValue<double>() },
        _ when value.GetValueKind() == JsonValueKind.String => new JsonObject { ["stringValue"] = value.GetValue<string>() },
        _ => new JsonObject { ["boolValue"] = value.GetValue<bool>() },
    };
}
