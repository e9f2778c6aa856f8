using Collector.Model;
using Collector.Receive.Otlp;
using static Collector.Tests.Receive.Otlp.Otel;

namespace Collector.Tests.Receive.Otlp;

public sealed class SpanMappingTests
{
    private static readonly byte[] _trace = [.. Enumerable.Range(1, 16).Select(value => (byte)value)];

    [Theory]
    [InlineData(0, Kind.Span, null)]
    [InlineData(1, Kind.Span, "internal")]
    [InlineData(2, Kind.Request, "server")]
    [InlineData(3, Kind.Span, "client")]
    [InlineData(4, Kind.Span, "producer")]
    [InlineData(5, Kind.Request, "consumer")]
    public void Servers_and_consumers_handle_requests(int number, object kind, string? word)
    {
        var row = Decoded.Span(Span("work", number));
        row.Kind.ShouldBe(kind);
        (row.Context.Length == 0 ? null : row.Json.GetProperty("span_kind").GetString()).ShouldBe(word);
    }

    [Fact]
    public void Unknown_kind_is_kept_as_its_number_with_a_note() =>
        Decoded.Span(Span("work", 9)).Context
            .ShouldBe("""{"span_kind":9,"notes":["span_kind: 9 is out of range"]}""");

    [Fact]
    public void Status_decides_level_outcome_and_message()
    {
        var failed = Decoded.Span(Span("GET").Message(15, new Proto().Text(2, "no route").Varint(3, 2)));
        failed.ShouldSatisfyAllConditions(
            () => failed.Level.ShouldBe(Level.Error), () => failed.Outcome.ShouldBe("error"),
            () => failed.Message.ShouldBe("GET: no route"),
            () => failed.Json.GetProperty("status").GetRawText().ShouldBe("""{"code":"error","message":"no route"}"""));
        var fine = Decoded.Span(Span("GET").Message(15, new Proto().Varint(3, 1)));
        fine.Level.ShouldBe(Level.Info);
        fine.Outcome.ShouldBe("ok");
        fine.Json.GetProperty("status").GetRawText().ShouldBe("""{"code":"ok"}""");
    }

    [Fact]
    public void Own_outcome_goes_before_that_of_the_status() =>
        Decoded.Span(Span().SpanAttr("cloudflare.outcome", String("canceled"))).Outcome.ShouldBe("canceled");

    [Theory]
    [InlineData(100UL, 2_500_100UL, 2.5, false)]
    [InlineData(100UL, 100UL, 0.0, false)]
    [InlineData(100UL, 0UL, null, false)]
    [InlineData(0UL, 100UL, null, false)]
    [InlineData(100UL, 99UL, null, true)]
    public void Duration_is_there_when_both_times_make_sense(ulong start, ulong end, double? expected, bool isNoted)
    {
        var row = Decoded.Span(new Proto().Text(5, "s").Fixed64(7, start).Fixed64(8, end));
        row.WallTimeMs.ShouldBe(expected);
        row.Timestamp.ShouldBe("1970-01-01T00:00:00.000000100Z");
        row.Notes.Length.ShouldBe(isNoted ? 1 : 0);
        if (isNoted)
        {
            row.Json.GetProperty("end_timestamp").GetString().ShouldBe("1970-01-01T00:00:00.000000099Z");
        }
    }

    [Fact]
    public void Exception_event_becomes_a_row_behind_its_span()
    {
        var exception = Event("exception", ("exception.type", String("TypeError")), ("exception.message", String("x is null")));
        var span = Span("GET", 2).Bytes(1, _trace).Bytes(2, _trace[..8]).Bytes(4, _trace[8..])
            .SpanAttr("correlation_id", String("c-1")).SpanAttr("request_id", String("r-1"))
            .Message(11, exception).Message(11, Event("cache miss", ("n", Int(1))));
        var rows = Decoded.Of(OtlpSignal.Traces, Otel.Request(span)).Rows;
        rows.Length.ShouldBe(2);
        rows[0].Json.GetProperty("events").GetRawText().ShouldBe(
            """[{"name":"cache miss","timestamp":"2026-11-23T12:00:00.000000001Z","attributes":{"n":1}}]""");
        rows[0].ParentSpanId.ShouldBe("090a0b0c0d0e0f10");
        rows[1].ShouldBe(rows[0] with
        {
            Kind = Kind.Exception,
            Level = Level.Error,
            Message = "TypeError: x is null",
            Outcome = "exception",
            Timestamp = "2026-11-23T12:00:00.000000001Z",
            WallTimeMs = null,
            ParentSpanId = "",
            Context = """{"attributes":{"exception.type":"TypeError","exception.message":"x is null"},"span_name":"GET"}""",
        });
    }

    [Fact]
    public void Links_states_and_counts_stay_in_the_context()
    {
        var link = new Proto().Bytes(1, _trace).Bytes(2, _trace[..8]).Text(3, "a=b")
            .Message(4, KeyValue("k", String("v"))).Fixed32(6, 257).Varint(5, 2);
        var row = Decoded.Span(Span("s", 0).Text(3, "v=1").Varint(10, 1).Varint(12, 2).Varint(14, 3).Fixed32(16, 769)
            .Message(13, link));
        row.Context.ShouldBe(
            """{"trace_state":"v=1","flags":769,"dropped_attributes_count":1,"dropped_events_count":2,"links":[{"trace_id":"0102030405060708090a0b0c0d0e0f10","span_id":"0102030405060708","trace_state":"a=b","attributes":{"k":"v"},"flags":257,"dropped_attributes_count":2}],"dropped_links_count":3}""");
    }

    [Fact]
    public void Scopes_of_one_resource_are_pairs_of_their_own()
    {
        var group = new Proto().Message(1, Resource(("service.name", String("shop"))))
            .Message(2, new Proto().Message(1, new Proto().Text(1, "a").Text(2, "1")).Message(2, Span()).Message(2, Span()))
            .Message(2, new Proto().Message(2, Span()));
        var rows = Decoded.Of(OtlpSignal.Traces, new Proto().Message(1, group).ToArray()).Rows;
        rows.Select(row => row.Resource).ShouldBe(
        [
            """{"attributes":{"service.name":"shop"},"scope":{"name":"a","version":"1"}}""",
            """{"attributes":{"service.name":"shop"},"scope":{"name":"a","version":"1"}}""",
            """{"attributes":{"service.name":"shop"}}""",
        ]);
    }
}
