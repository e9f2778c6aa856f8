using Collector.Model;
using static Collector.Tests.Receive.Otlp.Otel;

namespace Collector.Tests.Receive.Otlp;

public sealed class OutcomeTests
{
    private const int Server = 2;
    private const int Client = 3;

    public static TheoryData<int, string, object, bool> Spans => new()
    {
        { Server, "http.response.status_code", 500L, true }, { Server, "http.response.status_code", 499L, false },
        { Client, "http.response.status_code", 404L, true }, { Client, "http.response.status_code", 399L, false },
        { Server, "http.status_code", "503", true }, { Server, "http.status_code", 503.0, true }, { Server, "http.status_code", "fine", false },
        { Server, "rpc.grpc.status_code", 14L, true }, { Server, "rpc.grpc.status_code", 5L, false }, { Client, "rpc.grpc.status_code", 5L, true },
        { Server, "rpc.grpc.status_code", 0L, false }, { Server, "rpc.response.status_code", "UNAVAILABLE", true },
        { Server, "rpc.response.status_code", "NOT_FOUND", false }, { Client, "rpc.response.status_code", "not_found", true },
        { Server, "error.type", "timeout", true }, { Server, "error", true, true }, { Server, "error", false, false },
        { Server, "error", "false", false }, { Server, "error", "boom", true }, { 1, "http.route", "/500", false },
    };

    [Theory]
    [MemberData(nameof(Spans))]
    public void A_span_without_a_status_fails_by_what_its_attributes_say(int kind, string name, object value, bool fails)
    {
        var row = Decoded.Span(Span("work", kind).SpanAttr(name, Value(value)));

        (row.Outcome, row.Level).ShouldBe(fails ? ("error", Level.Error) : ("ok", Level.Info));
    }

    [Fact]
    public void A_status_of_ok_is_believed() =>
        Decoded.Span(Span("work", Server).SpanAttr("http.response.status_code", Int(503)).Message(15, new Proto().Varint(3, 1))).Outcome.ShouldBe("ok");

    [Theory]
    [InlineData(Server, null, true)]
    [InlineData(Server, 404L, false)]
    [InlineData(1, null, false)]
    public void An_exception_fails_a_servers_span_that_has_no_status(int kind, long? status, bool fails)
    {
        var span = Span("work", kind).Message(11, Event("exception", ("exception.type", String("E"))));
        span = status is { } code ? span.SpanAttr("http.response.status_code", Int(code)) : span;

        Decoded.Of(Collector.Receive.Otlp.OtlpSignal.Traces, Otel.Request(span)).Rows[0].Outcome.ShouldBe(fails ? "error" : "ok");
    }

    [Theory]
    [InlineData("ok", Level.Info)]
    [InlineData("canceled", Level.Warn)]
    [InlineData("exceededCpu", Level.Error)]
    public void Cloudflares_own_export_gives_outcome_times_and_the_ray(string outcome, object level)
    {
        var row = Decoded.Span(Span("GET /", Server).SpanAttr("cloudflare.outcome", String(outcome)).SpanAttr("cpu_time_ms", String("12"))
            .SpanAttr("wall_time_ms", Int(250)).SpanAttr("faas.invocation_id", String("inv")).SpanAttr("cloudflare.ray_id", String("ray-1")));

        (row.Outcome, row.Level, row.ExecutionTimeMs, row.WallTimeMs, row.RequestId).ShouldBe((outcome, (Level)level, 12, 250, "ray-1"));
    }

    [Theory]
    [InlineData("KeyError", "k", "Traceback (most recent call last):\n  File \"a.py\", line 1\nKeyError: 'k' is missing\n", "KeyError: 'k' is missing")]
    [InlineData("shop.Refused", "no", "shop.Refused: no\n\tat a.b(C.java:1)\nCaused by: x.Y: z", "shop.Refused: no")]
    [InlineData("", "", "java.lang.NullPointerException\n\tat a", "java.lang.NullPointerException")]
    [InlineData("E", "m", "main.go:1\n\tat x", "E: m")]
    public void An_exception_says_type_and_message_or_its_stacks_own_line_where_that_is_more(string type, string text, string stack, string message) =>
        Decoded.Log(Log().Attr("exception.type", type).Attr("exception.message", text).Attr("exception.stacktrace", stack)).Message.ShouldBe(message);

    private static Proto Value(object value) => value switch
    {
        long number => Int(number),
        double number => Double(number),
        bool flag => Bool(flag),
        _ => String((string)value),
    };
}
