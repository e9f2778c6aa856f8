using Collector.Receive.Otlp;
using Collector.Receive.Request;
using static Collector.Tests.Receive.Otlp.Otel;

namespace Collector.Tests.Receive.Otlp;

public sealed class MalformedTests
{
    public static TheoryData<string, byte[], int, string> Broken => new()
    {
        { "truncated tag", [0x80], 0, "varint at offset 0 is cut off" },
        { "truncated varint of an unknown field", [0x78, 0xFF], 1, "varint at offset 1 is cut off" },
        { "varint of eleven bytes", new Proto().Tag(15, 0).Raw(Endless(11)).ToArray(), 1, "longer than 10 bytes" },
        { "field number 0", [0x00, 0x00], 0, "field number 0 at offset 0" },
        { "wire type 6", [0x0E], 0, "wire type 6 of field 1 at offset 0" },
        { "wire type 7", [0x0F], 0, "wire type 7 of field 1 at offset 0" },
        { "tag above 32 bits", [0x82, 0x80, 0x80, 0x80, 0x10, 0x00], 0, "larger than 536870911" },
        { "length past the end", [0x0A, 0xAC, 0x06, 0x00], 1, "length 812 at offset 1 runs past the end of the message (4 bytes)" },
        { "length of an enclosed message past its encloser", [0x0A, 0x02, 0x12, 0x05, 0, 0, 0, 0, 0], 3, "length 5 at offset 3" },
        { "enormous length", [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], 1, "runs past the end" },
        { "fixed64 past the end", [0x79, 1, 2, 3], 0, "field 15 at offset 0 runs past the end" },
        { "fixed32 past the end", [0x7D, 1, 2, 3], 0, "field 15 at offset 0 runs past the end" },
        { "end of group without start", [0x7C], 0, "end of group 15 at offset 0 without its start" },
        { "group without end", [0x7B, 0x08, 0x01], 0, "group 15 at offset 0 has no end" },
        { "group ended by another", [0x7B, 0x74], 1, "end of group 14 at offset 1 without its start" },
        { "groups nested too deep", [.. Enumerable.Repeat((byte)0x7B, 200)], 100, "groups nested deeper than 100" },
        { "known field of a wrong wire type", [0x08, 0x01], 0, "field 1 (resource_logs) has wire type 0 instead of 2 at offset 0" },
        { "wrong wire type deep inside", Otel.Request(Log().Fixed32(3, 1)), 41, "field 3 (severity_text) has wire type 5 instead of 2" },
        { "broken attribute", Otel.Request(Log().Bytes(6, 0x12, 0x02, 0x08)), 44, "length 2 at offset 44 runs past" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void Decoder_names_what_is_wrong_and_where(string what, byte[] request, int offset, string message)
    {
        var result = Decoded.Of(OtlpSignal.Logs, request).Result;
        result.Status.ShouldBe(DecodeStatus.Malformed, what);
        result.Message.ShouldNotBeNull().ShouldContain(message);
        result.Offset.ShouldBe(offset, what);
    }

    [Fact]
    public void Decoder_never_throws_at_any_truncation_of_a_capture()
    {
        var fixture = Fixture.Load("js/traces-grpc.1");
        for (var length = 0; length < fixture.Message.Length; length++)
        {
            var result = Decoded.Of(fixture.Signal, fixture.Message[..length]).Result;
            result.Status.ShouldBeOneOf(DecodeStatus.Ok, DecodeStatus.Malformed);
            result.Offset.ShouldBeInRange(0, length);
        }
    }

    [Fact]
    public void Decoder_passes_over_unknown_fields_of_every_wire_type()
    {
        var strange = new Proto().Varint(900, long.MinValue).Fixed64(901, 1).Fixed32(902, 1).Text(903, "x")
            .Group(904, new Proto().Varint(1, 5).Group(2, new Proto().Text(3, "y").Fixed64(1, 2).Fixed32(4, 1)));
        var record = Log().Raw(strange.ToArray()).Body("hello").Raw(strange.ToArray());
        var row = Decoded.Log(record);
        row.Message.ShouldBe("hello");
        row.Context.ShouldBeEmpty();
    }

    [Fact]
    public void Decoder_reads_ten_byte_varints() =>
        Decoded.Log(Log().Attr("n", Int(long.MinValue))).Attributes.GetProperty("n").GetInt64().ShouldBe(long.MinValue);

    [Fact]
    public void Empty_request_is_fine_and_has_no_rows() =>
        Decoded.Of(OtlpSignal.Logs, []).ShouldSatisfyAllConditions(
            decoded => decoded.Result.Status.ShouldBe(DecodeStatus.Ok), decoded => decoded.Rows.ShouldBeEmpty());

    [Fact]
    public void Resource_behind_its_records_counts_all_the_same()
    {
        var scope = new Proto().Message(2, Log().Body("hi")).Text(3, "scope-schema").Message(1, new Proto().Text(1, "lib"));
        var group = new Proto().Message(2, scope).Text(3, "schema").Message(1, Resource(("service.name", String("late"))));
        var row = Decoded.Of(OtlpSignal.Logs, new Proto().Message(1, group).ToArray()).Row;
        row.Worker.ShouldBe("late");
        row.Resource.ShouldBe(
            """{"attributes":{"service.name":"late"},"schema_url":"schema","scope":{"name":"lib","schema_url":"scope-schema"}}""");
    }

    [Fact]
    public void Refused_memory_is_told_apart_from_broken_bytes()
    {
        var request = Fixture.Load("js/logs-100-grpc.1").Message;
        for (var allowed = 0; allowed < 60_000; allowed += 997)
        {
            using var batch = Decoded.Batch(request, new LimitedAllowance(allowed));
            Decoded.Decoder.Decode(OtlpSignal.Logs, batch).Status
                .ShouldBe(batch.Refused ? DecodeStatus.MemoryRefused : DecodeStatus.Ok);
        }
    }

    private static byte[] Endless(int length) => [.. Enumerable.Repeat((byte)0x80, length)];
}
