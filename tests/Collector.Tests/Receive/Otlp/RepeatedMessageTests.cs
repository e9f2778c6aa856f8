using Collector.Receive.Otlp;
using Collector.Receive.Request;
using static Collector.Tests.Receive.Otlp.Otel;

namespace Collector.Tests.Receive.Otlp;

/// <summary>Requests in which a message that may stand once stands several times: protobuf would merge them, nothing here does.
/// </summary>
public sealed class RepeatedMessageTests
{
    private const int Deepest = 64;
    private static readonly TimeSpan _atOnce = TimeSpan.FromSeconds(20);

    // A length that reads as a negative number: a reader that trusts it goes back and comes here again, for ever.
    private static readonly byte[] _loop = [0x0A, 0xFA, 0xFF, 0xFF, 0xFF, 0x0F];

    public static TheoryData<string, object, byte[], int, string> Repeats => new()
    {
        { "body", OtlpSignal.Logs, Otel.Request(Log().Body("a").Body("b")), 46, "field 5 (body)" },
        {
            "resource", OtlpSignal.Logs, new Proto().Message(1, new Proto().Message(1, new Proto()).Message(1, new Proto())).ToArray(), 4,
            "field 1 (resource)"
        },
        {
            "value of an attribute", OtlpSignal.Logs,
            Otel.Request(Log().Message(6, new Proto().Text(1, "k").Message(2, Int(1)).Message(2, Int(2)))), 50, "field 2 (value)"
        },
        {
            "list of a value", OtlpSignal.Logs,
            Otel.Request(Log().Body(new Proto().Message(5, new Proto()).Message(5, new Proto()))), 45, "field 5 (array_value)"
        },
        {
            "status", OtlpSignal.Traces, Otel.Request(new Proto().Message(15, new Proto()).Message(15, new Proto())), 34,
            "field 15 (status)"
        },
    };

    [Theory]
    [MemberData(nameof(Repeats))]
    public void A_message_that_may_stand_once_is_malformed_where_it_stands_again(
        string what, object signal, byte[] request, int offset, string field)
    {
        var result = Decoded.Of((OtlpSignal)signal, request).Result;

        result.Status.ShouldBe(DecodeStatus.Malformed, what);
        result.Offset.ShouldBe(offset, what);
        result.Message.ShouldBe($"{field} at offset {offset} stands a second time in its message, where one may stand");
    }

    [Fact]
    public void The_last_of_several_kinds_of_one_value_counts()
    {
        var value = new Proto().Text(1, "text").Message(5, new Proto()).Message(6, new Proto().Message(1, KeyValue("a", Int(1))));
        var row = Decoded.Log(Log().Body(value).Attr("k", new Proto().Raw(Array(Int(1)).ToArray()).Text(1, "s")));
        row.Message.ShouldBe("""{"a":1}""");
        row.Attributes.GetRawText().ShouldBe("""{"k":"s"}""");
    }

    [Fact]
    public async Task Bytes_below_the_deepest_value_are_nobodys_to_read()
    {
        foreach (var map in new[] { false, true })
        {
            var value = Nest(_loop, Deepest, map);

            var decoded = await Task.Run(() => Decoded.Of(OtlpSignal.Logs, Otel.Request(Log().Body(value).Attr("k", value))))
                .WaitAsync(_atOnce);

            decoded.Row.Message.ShouldContain("\"(nested deeper than 64)\"");
            decoded.Row.Notes.ShouldBe(["body: nested deeper than 64, cut", "attributes.k: nested deeper than 64, cut"]);
        }
    }

    [Fact]
    public async Task Whatever_lies_below_the_deepest_value_is_cut_with_a_note()
    {
        for (var seed = 0; seed < 3_000; seed++)
        {
            var random = new Random(seed);
            var garbage = new byte[random.Next(24)];
            random.NextBytes(garbage);
            var value = Nest(garbage, Deepest, map: random.Next(2) == 0);
            var log = random.Next(2) == 0 ? Log().Body(value) : Log().Attr("k", value);

            var decoded = await Task.Run(() => Decoded.Of(OtlpSignal.Logs, Otel.Request(log))).WaitAsync(_atOnce);

            decoded.Row.Context.ShouldContain("nested deeper than 64, cut", customMessage: $"seed {seed}");
        }
    }

    [Fact]
    public void Thirty_million_empty_bodies_of_one_record_cost_no_memory_and_no_time()
    {
        var bodies = new byte[(64 << 20) - 100];
        for (var i = 0; i < bodies.Length; i += 2)
        {
            bodies[i] = 0x2A;
        }

        using var batch = Decoded.Batch(Otel.Request(new Proto().Raw(bodies)));
        var before = GC.GetAllocatedBytesForCurrentThread();

        var result = Decoded.Decoder.Decode(OtlpSignal.Logs, batch);

        result.Status.ShouldBe(DecodeStatus.Malformed);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1 << 20);
    }

    // The value of depth 1 is the outermost; what is given stands where the value below the last would.
    private static Proto Nest(byte[] innermost, int depth, bool map)
    {
        var value = new Proto().Raw(innermost);
        for (var i = 0; i < depth; i++)
        {
            value = map ? Map(("k", value)) : Array(value);
        }

        return value;
    }
}
