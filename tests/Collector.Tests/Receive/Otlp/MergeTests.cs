using Collector.Receive.Otlp;
using Collector.Receive.Request;
using Collector.Tests.Support;
using static Collector.Tests.Receive.Otlp.Otel;

namespace Collector.Tests.Receive.Otlp;

/// <summary>Requests in which a message that may stand once stands several times.</summary>
public sealed class MergeTests
{
    private const int Deepest = 64;
    private static readonly TimeSpan _atOnce = TimeSpan.FromSeconds(20);

    // A length that reads as a negative number: who trusts it goes back and comes here again, for ever.
    private static readonly byte[] _loop = [0x0A, 0xFA, 0xFF, 0xFF, 0xFF, 0x0F];

    [Fact]
    public async Task Bytes_below_the_deepest_value_are_nobodys_to_read_when_a_message_is_merged()
    {
        var request = Otel.Request(Log().Body(Nest(_loop, Deepest, map: false)).Body(Array(Int(1))));

        var decoded = await Task.Run(() => Decoded.Of(OtlpSignal.Logs, request)).WaitAsync(_atOnce);

        decoded.Row.Message.ShouldContain(new string('[', Deepest) + "\"(nested deeper than 64)\"");
        decoded.Row.Message.ShouldEndWith(",1]");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_merge_with_bytes_below_the_deepest_value_is_answered_at_once_over_both_transports(bool isTrace)
    {
        await using var faces = new TestEndpoints(new RuledStore(_ => Collector.Storage.AppendResult.Committed));
        var request = isTrace
            ? Otel.Request(Span().Message(11, Event("e").Message(3, new Proto().Text(1, "k")
                .Message(2, Nest(_loop, Deepest, map: true)).Message(2, Map()))))
            : Otel.Request(Log().Body(Nest(_loop, Deepest, map: false)).Body(Array()));
        var method = isTrace ? Wire.TracesMethod : Wire.LogsMethod;
        var path = isTrace ? "/v1/traces" : "/v1/logs";

        var grpc = Task.Run(() => faces.GrpcAsync(method, Wire.Frame(request), isGzip: false));
        var http = Task.Run(() => faces.HttpAsync(path, request, "application/x-protobuf", encoding: null));

        (await grpc.WaitAsync(_atOnce)).ShouldBe(0);
        (await http.WaitAsync(_atOnce)).ShouldBe(200);
    }

    [Fact]
    public async Task Whatever_lies_below_the_deepest_value_is_cut_with_a_note_though_messages_are_merged()
    {
        for (var seed = 0; seed < 3_000; seed++)
        {
            var random = new Random(seed);
            var garbage = new byte[random.Next(24)];
            random.NextBytes(garbage);
            var value = Nest(garbage, Deepest, map: random.Next(2) == 0);
            var twice = random.Next(3) switch
            {
                0 => Log().Body(value).Body(value),
                1 => Log().Body(value).Body(String("last")).Attr("k", value),
                _ => Log().Message(6, new Proto().Text(1, "k").Message(2, value).Message(2, value)),
            };

            var decoded = await Task.Run(() => Decoded.Of(OtlpSignal.Logs, Otel.Request(twice))).WaitAsync(_atOnce);

            decoded.Row.Context.ShouldContain("nested deeper than 64, cut", customMessage: $"seed {seed}");
        }
    }

    [Fact]
    public async Task Merging_survives_whatever_bytes_deep_values_turn_into()
    {
        var malformed = 0;
        for (var seed = 0; seed < 3_000; seed++)
        {
            var random = new Random(seed);
            var value = Nest([0x0A, 0x01, 0x61], random.Next(Deepest - 3, Deepest + 3), map: random.Next(2) == 0);
            var request = Otel.Request(Log().Body(value).Body(value).Attr("k", value));
            for (var wounds = random.Next(1, 3); wounds > 0; wounds--)
            {
                request[random.Next(request.Length)] = (byte)random.Next(256);
            }

            var decoded = await Task.Run(() => Decoded.Of(OtlpSignal.Logs, request)).WaitAsync(_atOnce);

            decoded.Result.Status.ShouldBeOneOf(DecodeStatus.Ok, DecodeStatus.Malformed);
            malformed += decoded.Result.Status == DecodeStatus.Ok ? 0 : 1;
        }

        malformed.ShouldBeInRange(100, 2_900);
    }

    [Fact]
    public void A_message_that_stands_once_too_often_is_malformed_and_named_with_the_limit()
    {
        var max = Enumerable.Range(0, 100).Aggregate(Log(), (log, i) => log.Body(Map(("n", Int(i)))));
        Decoded.Log(max).Message.ShouldEndWith("\"n\":99}");

        var result = Decoded.Of(OtlpSignal.Logs, Otel.Request(max.Body(Map()))).Result;

        result.Status.ShouldBe(DecodeStatus.Malformed);
        result.Message.ShouldNotBeNull().ShouldContain("field 5 (body) stands too often");
        result.Message.ShouldEndWith("at most 100 times in one");
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

    [Fact]
    public void Repeats_within_repeats_cost_little_memory()
    {
        var body = Enumerable.Range(0, 100).Aggregate(new Proto(), (value, _) => value.Message(5, new Proto()));
        var record = Enumerable.Range(0, 100).Aggregate(Log(), (log, _) => log.Body(body));
        using var batch = Decoded.Batch(Otel.Request(record));
        var before = GC.GetAllocatedBytesForCurrentThread();

        Decoded.Decoder.Decode(OtlpSignal.Logs, batch).Status.ShouldBe(DecodeStatus.Ok);

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
