using System.Text;
using Collector.Model;
using Collector.Receive.Otlp;
using Collector.Receive.Request;
using Collector.Tests.Support;

namespace Collector.Tests.Receive.Otlp;

public sealed class OtlpJsonTests
{
    [Theory]
    [InlineData("")]
    [InlineData(" \n")]
    [InlineData("{}")]
    [InlineData("{\"resourceLogs\":[]}")]
    [InlineData("{\"resourceLogs\":null}")]
    [InlineData("{\"resourceLogs\":[{\"scopeLogs\":[{}]}]}")]
    [InlineData("{\"whatever\":{\"a\":[1,{}]}}")]
    public void Request_without_records_is_fine(string json) =>
        Decoded.OfJson(OtlpSignal.Logs, json).Rows.ShouldBeEmpty();

    [Fact]
    public void Byte_order_mark_is_accepted() =>
        Decoded.OfJson(OtlpSignal.Logs, [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Logs("{}"))]).Row.Message.ShouldBeEmpty();

    [Theory]
    [InlineData("{", 1, "not valid JSON")]
    [InlineData("nonsense", 1, "not valid JSON")]
    [InlineData("{\"resourceLogs\":[{}", 19, "not valid JSON")]
    [InlineData("{}\n {", 5, "not valid JSON")]
    [InlineData("[]", 0, "the request is an array instead of an object")]
    [InlineData("null", 0, "the request is null instead of an object")]
    [InlineData("{\"resourceLogs\":{}}", 16, "resourceLogs is an object instead of an array")]
    [InlineData("{\"resourceLogs\":[5]}", 17, "resourceLogs is a number instead of an object")]
    [InlineData("{\"resourceLogs\":[{\"scopeLogs\":\"x\"}]}", 30, "scopeLogs is a string instead of an array")]
    [InlineData("{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[null]}]}]}", 46, "logRecords is null instead of an object")]
    public void What_is_no_request_is_malformed_with_its_offset(string json, int offset, string message)
    {
        using var target = new ByteBuffer(Unbounded.Instance);
        var result = OtlpJson.Transcode(OtlpSignal.Logs, Encoding.UTF8.GetBytes(json), target);
        result.Status.ShouldBe(DecodeStatus.Malformed);
        result.Message.ShouldNotBeNull().ShouldStartWith(message);
        result.Offset.ShouldBe(offset);
    }

    [Theory]
    [InlineData("""{"resourceLogs":[],"more":1}""", null)]
    [InlineData("""{"more":1}""", "more")]
    [InlineData("""{"resourceLogs":[{"resource":{},"scopeSpans":[]}]}""", "scopeSpans")]
    [InlineData("""{"resourceSpans":[]}""", "resourceSpans")]
    [InlineData("""{"resourceLogs":[{"logs":[]}]}""", "logs")]
    [InlineData("""{"resourceLogs":[{"resource":{"unknown":1},"scopeLogs":[{"logRecords":[{"unknown":1}]}]}]}""", null)]
    [InlineData("""{"resource_logs":[{"scope_logs":[{"log_records":[{"time_unix_nano":1,"trace_id":""}]}]}]}""", null)]
    public void An_unknown_member_that_may_have_held_records_is_named(string json, string? unknown)
    {
        using var target = new ByteBuffer(Unbounded.Instance);
        var result = OtlpJson.Transcode(OtlpSignal.Logs, Encoding.UTF8.GetBytes(json), target);
        result.ShouldBe(new TranscodeResult(DecodeStatus.Ok, Unknown: unknown));
    }

    [Fact]
    public void Keys_are_read_in_snake_case_too_and_unknown_ones_are_passed_over()
    {
        var row = Decoded.OfJson(
            OtlpSignal.Logs,
            """{"more":1,"resource_logs":[{"scope_logs":[{"log_records":[{"time_unix_nano":"1795435200000000000","body":{"string_value":"m"}}]}]}]}""").Row;

        (row.Message, row.Timestamp).ShouldBe(("m", "2026-11-23T12:00:00.000000000Z"));
    }

    [Fact]
    public void Several_requests_a_line_each_are_one()
    {
        const string line = """{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"m"}},{"body":{"stringValue":"n"}}]}]}]}""";

        Decoded.OfJson(OtlpSignal.Logs, $"{line}\n{line}\r\n\n").Rows.Select(static row => row.Message).ShouldBe(["m", "n", "m", "n"]);
    }

    [Theory]
    [InlineData(Otel.Noon)]
    [InlineData(1UL)]
    [InlineData(4_294_967_296UL)]
    public void A_number_may_come_in_two_halves(ulong number)
    {
        // As of protobuf.js without a library for long numbers: signed halves.
        var (low, high) = (unchecked((int)(uint)number), (int)(number >> 32));
        var halves = "{" + $"\"low\":{low},\"high\":{high},\"unsigned\":true" + "}";
        var attribute = "{\"key\":\"n\",\"value\":{\"intValue\":" + halves + "}}";

        var row = Decoded.OfJson(OtlpSignal.Logs, Request("{\"timeUnixNano\":" + halves + ",\"attributes\":[" + attribute + "]}")).Row;

        row.Timestamp.ShouldBe(Collector.Model.Timestamps.ToText(number));
        row.Attributes.GetProperty("n").GetUInt64().ShouldBe(number);
    }

    [Theory]
    [InlineData("4bf92f3577b34da6a3ce929d0e0e4736", "4bf92f3577b34da6a3ce929d0e0e4736")]
    [InlineData("4BF92F3577B34DA6A3CE929D0E0E4736", "4bf92f3577b34da6a3ce929d0e0e4736")]
    [InlineData("S/kvNXezTaajzpKdDg5HNg==", "4bf92f3577b34da6a3ce929d0e0e4736")]
    [InlineData("00f067aa0ba902b7", "000000000000000000f067aa0ba902b7")]
    [InlineData("APBnqgupArc=", "000000000000000000f067aa0ba902b7")]
    public void A_trace_id_may_be_base64_or_of_eight_bytes(string sent, string expected) =>
        Decoded.OfJson(OtlpSignal.Logs, Request($$"""{"traceId":"{{sent}}"}""")).Row.TraceId.ShouldBe(expected);

    private static string Request(string record) => $$"""{"resourceLogs":[{"scopeLogs":[{"logRecords":[{{record}}]}]}]}""";

    [Fact]
    public void Record_with_every_field_maps_in_any_order_of_keys()
    {
        var row = Log("""
            {"spanId":"EEE19B7EC3C1B174","traceId":"5B8EFFF798038103D269B633813FC60C","eventName":"evt","flags":1,
             "droppedAttributesCount":"2","body":{"stringValue":"a\n\u00fc\ud83c\udf0d\/"},
             "attributes":[{"value":{"intValue":"-9223372036854775808"},"key":"min"},
               {"key":"d","value":{"doubleValue":"Infinity"}},{"key":"whole","value":{"intValue":1e3}},
               {"key":"b","value":{"bytesValue":"3q2+7w=="}},{"key":"e","value":{}},{"key":"n","value":null},
               {"key":"m","value":{"kvlistValue":{"values":[{"key":"x","value":{"boolValue":true}}]}}},
               {"key":"l","value":{"arrayValue":{"values":[{"doubleValue":1},{"stringValue":""},null]}}}],
             "severityText":"Warn","severityNumber":"SEVERITY_NUMBER_WARN2","observedTimeUnixNano":1,"timeUnixNano":"1795435200000000000"}
            """);
        row.Message.ShouldBe("a\nü🌍/");
        row.Level.ShouldBe(Level.Warn);
        row.TraceId.ShouldBe("5b8efff798038103d269b633813fc60c");
        row.SpanId.ShouldBe("eee19b7ec3c1b174");
        row.Timestamp.ShouldBe("2026-11-23T12:00:00.000000000Z");
        row.Context.ShouldBe(
            """{"attributes":{"min":-9223372036854775808,"d":"Infinity","whole":1000,"b":"3q2+7w==","e":null,"n":null,"m":{"x":true},"l":[1.0,"",null]},"severity_number":14,"severity_text":"Warn","observed_timestamp":"1970-01-01T00:00:00.000000001Z","event_name":"evt","flags":1,"dropped_attributes_count":2}""");
    }

    [Theory]
    [InlineData("\"SPAN_KIND_SERVER\"", "\"STATUS_CODE_ERROR\"")]
    [InlineData("2", "2")]
    [InlineData("\"2\"", "\"2\"")]
    public void Enums_are_numbers_or_names(string kind, string code)
    {
        var json = $$"""{"resourceSpans":[{"scopeSpans":[{"spans":[{"kind":{{kind}},"status":{"code":{{code}} } }]}]}]}""";
        var row = Decoded.OfJson(OtlpSignal.Traces, json).Row;
        row.Kind.ShouldBe(Kind.Request);
        row.Level.ShouldBe(Level.Error);
    }

    [Theory]
    [InlineData("\"body\":\"plain\"", "plain", "body: a string instead of an AnyValue object, kept as text")]
    [InlineData("\"body\":[1]", "[1]", "body: an array instead of an AnyValue object, kept as text")]
    [InlineData("\"body\":{\"intValue\":\"1.5\"}", "1.5", "body: intValue is a string instead of a 64-bit integer, kept as text")]
    [InlineData("\"body\":{\"boolValue\":\"yes\"}", "yes", "body: boolValue is a string instead of a boolean, kept as text")]
    [InlineData("\"body\":{\"stringValue\":5}", "5", "body: stringValue is a number instead of a string")]
    [InlineData("\"body\":{\"stringValue\":\"x\\ud800y\"}", "x\uFFFDy", "body: lone surrogate replaced")]
    [InlineData("\"body\":{\"bytesValue\":\"&\"}", "&", "body: bytesValue is a string instead of base64, kept as text")]
    [InlineData("\"body\":{\"arrayValue\":{\"values\":7}}", "[\"7\"]", "body: values is a number instead of an array, kept as text")]
    public void Value_of_a_wrong_type_is_kept_in_another_form_with_a_note(string member, string message, string note)
    {
        var decoded = Decoded.OfJson(OtlpSignal.Logs, Logs($"{{{member}}}"));
        decoded.Row.Message.ShouldBe(message);
        decoded.Row.Notes.ShouldBe([note]);
        decoded.OddValues.ShouldBe(1);
    }

    [Theory]
    [InlineData("\"timeUnixNano\":\"today\"", "timeUnixNano", "today")]
    [InlineData("\"timeUnixNano\":-1", "timeUnixNano", "-1")]
    [InlineData("\"traceId\":\"xyz\"", "traceId", "xyz")]
    [InlineData("\"severityNumber\":{\"a\":1}", "severityNumber", "{\"a\":1}")]
    [InlineData("\"attributes\":{\"a\":\"b\"}", "attributes", "{\"a\":\"b\"}")]
    [InlineData("\"attributes\":[5]", "attributes", "5")]
    [InlineData("\"droppedAttributesCount\":4294967296", "droppedAttributesCount", "4294967296")]
    public void Field_of_a_wrong_type_becomes_an_attribute_with_a_note(string member, string name, string text)
    {
        var row = Log($"{{{member}}}");
        row.Attributes.GetProperty(name).GetString().ShouldBe(text);
        row.Notes.ShouldHaveSingleItem().ShouldStartWith($"attributes.{name}: {name} is a");
    }

    [Fact]
    public void Resource_and_status_of_a_wrong_type_are_noted()
    {
        var json = """{"resourceSpans":[{"resource":5,"scopeSpans":[{"scope":"x","spans":[{"status":[1]},{"status":{"code":"BAD"}}]}]}]}""";
        var rows = Decoded.OfJson(OtlpSignal.Traces, json).Rows;
        rows[0].Resource.ShouldBe(
            """{"notes":["resource is a number instead of an object, kept as text: 5"],"scope":{"notes":["scope: scope is a string instead of an object, kept as text: \"x\""]}}""");
        rows[0].Attributes.GetProperty("status").GetString().ShouldBe("[1]");
        rows[1].Notes.ShouldBe(["status: code is a string instead of an enum number, kept as text: \"BAD\""]);
    }

    [Fact]
    public void Key_that_stands_twice_is_no_error()
    {
        var json = """{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"a"}}],"logRecords":[{"body":{"stringValue":"b"},"body":{"stringValue":"c"}}]}]}]}""";
        Decoded.OfJson(OtlpSignal.Logs, json).Rows.Select(row => row.Message).ShouldBe(["a", "c"]);
    }

    [Fact]
    public async Task Key_that_stands_twice_is_no_error_over_http()
    {
        await using var endpoints = new TestEndpoints(new RuledStore(_ => Collector.Storage.AppendResult.Committed));
        var json = Encoding.UTF8.GetBytes(Logs("""{"body":{"stringValue":"b"},"body":{"stringValue":"c"}}"""));

        (await endpoints.HttpAsync("/v1/logs", json, "application/json", encoding: null)).ShouldBe(200);
    }

    [Fact]
    public void Notes_are_bounded_in_all_and_a_warning_says_so()
    {
        var json = Encoding.UTF8.GetBytes(Logs($$$"""{"body":{"arrayValue":{"values":[{{{string.Join(',', new int[10_001])}}}]} } }"""));
        using var target = new ByteBuffer(Unbounded.Instance);

        var result = OtlpJson.Transcode(OtlpSignal.Logs, json, target);

        result.Warning.ShouldBe("more than 10000 values are of a wrong type; the rest is kept as text without a note");
        result.Notes.ShouldNotBeNull().Sum(notes => notes.Count()).ShouldBe(10_000);
        Decoded.OfJson(OtlpSignal.Logs, json).Row.Notes[^1].ShouldBe("and 9968 more");
    }

    [Fact]
    public void No_field_on_the_wire_is_a_note()
    {
        var forged = new Proto().Text(19_042, "forged");
        var value = Otel.String("s").Raw(forged.ToArray());
        var row = Decoded.Log(Otel.Log().Body(value).Attr("k", value).Raw(forged.ToArray()));

        row.Context.ShouldBe("""{"attributes":{"k":"s"}}""");
    }

    [Theory]
    [InlineData("{\"\\ud800\":1,\"\\u0062ody\":{\"stringValue\":\"x\"}}")]
    [InlineData("{\"\\ud800\\ud800\":1,\"body\":{\"stringV\\u0061lue\":\"x\"}}")]
    public void Escaped_keys_are_read(string record) => Log(record).Message.ShouldBe("x");

    [Fact]
    public void Value_nested_10000_deep_costs_only_itself()
    {
        var open = string.Concat(Enumerable.Repeat("{\"arrayValue\":{\"values\":[", 10_000));
        var close = string.Concat(Enumerable.Repeat("]}}", 10_000));
        var decoded = Decoded.OfJson(
            OtlpSignal.Logs, Logs($$"""{"attributes":[{"key":"k","value":{{open}}{{close}} }],"body":{"stringValue":"fine"} }"""));
        decoded.Row.Message.ShouldBe("fine");
        decoded.Row.Notes.ShouldBe(["attributes.k: nested deeper than 64, cut"]);
    }

    [Fact]
    public void Broken_utf8_in_json_is_repaired_by_the_mapper()
    {
        var json = Encoding.UTF8.GetBytes(Logs("""{"body":{"stringValue":"a?b"}}"""));
        json[System.Array.IndexOf(json, (byte)'?')] = 0xFF;
        Decoded.OfJson(OtlpSignal.Logs, json).Row.Message.ShouldBe("a\uFFFDb");
    }

    [Fact]
    public void Refused_memory_is_told_apart_from_broken_json()
    {
        var json = Fixture.Load("js/logs-100-json.1").Message;
        for (var allowed = 0; allowed < 100_000; allowed += 4999)
        {
            using var target = new ByteBuffer(new LimitedAllowance(allowed));
            OtlpJson.Transcode(OtlpSignal.Logs, json, target).Status
                .ShouldBe(target.Refused ? DecodeStatus.MemoryRefused : DecodeStatus.Ok);
        }
    }

    private static DecodedRow Log(string record) => Decoded.OfJson(OtlpSignal.Logs, Logs(record)).Row;

    private static string Logs(string record) =>
        $$"""{"resourceLogs":[{"scopeLogs":[{"logRecords":[{{record}}]}]}]}""";
}
