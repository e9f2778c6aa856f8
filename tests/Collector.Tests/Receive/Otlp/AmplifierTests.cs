using Collector.Model;
using Collector.Pipeline.Queue;
using Collector.Receive.Otlp;
using Collector.Receive.Request;
using Collector.Receive.Rows;
using Collector.Tests.Support;
using static Collector.Tests.Receive.Otlp.Otel;

namespace Collector.Tests.Receive.Otlp;

/// <summary>
/// Work is in proportion to what was sent, whatever shape it has: 1,015 bytes of gzip became 500,000 rows once, and 214 bytes
/// cost 27 s.
/// </summary>
public sealed class AmplifierTests
{
    // The promise is for a machine of its own; beside other tests the same work takes more of the CPU, whose caches are shared.
    private const double BesideOthers = 2;
    private const int BuiltAtLeast = 1 << 20;
    private const int SharedAtLeast = 8 << 20;

    // What a buffer of the pool has beyond what was asked for, and a row whose end the bound is looked at.
    private const int Slack = 2 << 20;

    private static readonly OtlpDecoder _decoder = new(new MappingRules(), new LogIdSequence());

    private static readonly string[] _shapes =
    [
        "empty records", "scopes of a large resource", "long names", "attributes", "braces", "odd values", "mixed", "deep values",
        "empty scopes", "events", "links", "repeated keys", "long names of keys", "spans of nothing", "many resources",
    ];

    private static bool _isWarm;

    public static TheoryData<string, int> Shapes
    {
        get
        {
            var shapes = new TheoryData<string, int>();
            foreach (var shape in _shapes)
            {
                for (var seed = 1; seed <= 3; seed++)
                {
                    shapes.Add(shape, seed);
                }
            }

            return shapes;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void What_is_built_what_is_held_and_what_it_costs_is_bounded_by_what_was_sent(string shape, int seed)
    {
        var random = new Random(seed);
        var (signal, request) = RequestOf(shape, random);
        var budget = new ByteBudget(128 << 20, TimeSpan.FromSeconds(5), TimeProvider.System);
        var lease = new ByteLease(budget);
        using var batch = Bounded(request, lease);
        Warm();
        var before = ThreadCpu.Now;

        var result = new OtlpRequest(_decoder, signal, isJson: false).Decode(batch, lease);

        var took = ThreadCpu.Now - before;
        var rows = batch.Count;
        if (result.Status == DecodeStatus.Ok)
        {
            batch.InPieces().Sum(static piece => piece.Built.Length + (64L * piece.Count)).ShouldBeLessThan(batch.MostBuilt + batch.MostShared + Slack);
        }
        else
        {
            batch.IsTooMuch.ShouldBeTrue($"{result}");
        }

        lease.Held.ShouldBeLessThanOrEqualTo(budget.MostOfOne);
        took.TotalMilliseconds.ShouldBeLessThan(BesideOthers * (50 + (request.Length * 0.001) + (rows * 0.025)), $"{request.Length} bytes, {rows} rows");
    }

    [Fact]
    public void Sixty_thousand_records_of_a_forwarder_are_no_amplifier()
    {
        var request = Otel.Request([.. Enumerable.Range(0, 60_000).Select(static i => new Proto().Fixed64(1, Otel.Noon).Body($"{i}"))]);
        var lease = new ByteLease(new ByteBudget(128 << 20, TimeSpan.FromSeconds(5), TimeProvider.System));
        using var batch = Bounded(request, lease);

        new OtlpRequest(_decoder, OtlpSignal.Logs, isJson: false).Decode(batch, lease).Status.ShouldBe(DecodeStatus.Ok);

        batch.Count.ShouldBe(60_000);
    }

    [Theory]
    [InlineData(10_000, 500)]
    [InlineData(10_000, 4_096)]
    [InlineData(30_000, 300)]
    [InlineData(4_000, 20_000)]
    public void A_resource_of_a_real_process_may_have_as_many_scopes_as_it_has_loggers(int bytesOfResource, int scopes)
    {
        var group = new Proto().Message(1, Resource(("process.command_args", String(new string('x', bytesOfResource)))));
        for (var i = 0; i < scopes; i++)
        {
            group.Message(2, new Proto().Message(1, new Proto().Text(1, $"com.example.shop.orders.service.Component{i}")).Message(
                2, Log().Body("an ordinary message of an ordinary service, which has a length")));
        }

        var lease = new ByteLease(new ByteBudget(128 << 20, TimeSpan.FromSeconds(5), TimeProvider.System));
        using var batch = Bounded(new Proto().Message(1, group).ToArray(), lease);

        new OtlpRequest(_decoder, OtlpSignal.Logs, isJson: false).Decode(batch, lease).Status.ShouldBe(DecodeStatus.Ok);

        batch.Count.ShouldBe(scopes);
        lease.Held.ShouldBeLessThan(16L << 20);
    }

    [Fact]
    public void Scopes_that_say_the_same_share_their_text_and_those_without_records_have_none()
    {
        var group = new Proto().Message(1, Resource(("text", String(new string('x', 100_000)))));
        for (var i = 0; i < 3_000; i++)
        {
            group.Message(2, new Proto().Message(1, new Proto().Text(1, "lib")).Message(2, Log())).Message(2, new Proto().Message(1, new Proto().Text(1, $"none {i}")));
        }

        using var batch = Decoded.Batch(new Proto().Message(1, group).ToArray());

        _decoder.Decode(OtlpSignal.Logs, batch).Status.ShouldBe(DecodeStatus.Ok);

        (batch.Count, batch.Resources.Count).ShouldBe((3_000, 1));
    }

    [Fact]
    public void Nobody_decodes_for_a_caller_that_has_left()
    {
        using var left = new CancellationTokenSource();
        var request = Otel.Request([.. Enumerable.Range(0, 1_000).Select(static _ => Log())]);
        var body = ByteBuffer.ForBody(Unbounded.Instance);
        body.Append(request);
        using var batch = new RowBatch(body, Unbounded.Instance, Otel.Noon) { Cancellation = left.Token };
        left.Cancel();

        _decoder.Decode(OtlpSignal.Logs, batch).Status.ShouldBe(DecodeStatus.MemoryRefused);

        (batch.IsCancelled, batch.Count).ShouldBe((true, 0));
    }

    // The promise is one of a warm process: each shape once, small, as often as the runtime wants to see a method.
    private static void Warm()
    {
        lock (_shapes)
        {
            if (_isWarm)
            {
                return;
            }

            for (var round = 0; round < 40; round++)
            {
                foreach (var shape in _shapes)
                {
                    var (signal, request) = RequestOf(shape, new Random(round), size: 0.002);
                    var lease = new ByteLease(new ByteBudget(128 << 20, TimeSpan.FromSeconds(5), TimeProvider.System));
                    using var batch = Bounded(request, lease);
                    new OtlpRequest(_decoder, signal, isJson: false).Decode(batch, lease);
                }
            }

            _isWarm = true;
        }
    }

    private static RowBatch Bounded(byte[] request, ByteLease lease)
    {
        var body = ByteBuffer.ForBody(lease);
        body.Append(request);
        return new RowBatch(body, lease, Otel.Noon)
        {
            MostBuilt = (8L * request.Length) + BuiltAtLeast,
            MostShared = (64L * request.Length) + SharedAtLeast,
        };
    }

    private static (OtlpSignal Signal, byte[] Request) RequestOf(string shape, Random random, double size = 1)
    {
        return shape switch
        {
            "empty records" => (OtlpSignal.Logs, Empty(Of(100_000, 1_000_000))),
            "scopes of a large resource" => (OtlpSignal.Logs, Scopes(Of(50_000, 400_000), Of(50, 400))),
            "long names" => (OtlpSignal.Traces, Otel.Request(LongName(Of(50_000, 200_000), Of(500, 2_000)))),
            "attributes" => (OtlpSignal.Logs, Otel.Request(Attributes(Of(20_000, 100_000), random))),
            "braces" => (OtlpSignal.Logs, Otel.Request(Braces(Of(1_000, 20_000), random))),
            "odd values" => (OtlpSignal.Logs, Otel.Request([.. Many(1_000, 10_000).Select(_ => Odd(random))])),
            "deep values" => (OtlpSignal.Logs, Otel.Request([.. Many(100, 2_000).Select(_ => Deep(random.Next(2, 60)))])),
            "empty scopes" => (OtlpSignal.Logs, EmptyScopes(Of(100_000, 500_000))),
            "events" => (OtlpSignal.Traces, Otel.Request(
                Many(5_000, 50_000).Aggregate(Span("s"), (span, i) => span.Message(11, Event(i % 3 == 0 ? "exception" : "e"))))),
            "links" => (OtlpSignal.Traces, Otel.Request(Many(5_000, 50_000).Aggregate(
                Span("s"), static (span, _) => span.Message(13, new Proto().Bytes(1, new byte[16]).Bytes(2, new byte[8]))))),
            "repeated keys" => (OtlpSignal.Logs, Otel.Request(Many(20_000, 100_000).Aggregate(
                Log(), static (log, i) => log.Attr(i % 2 == 0 ? "traceparent" : "correlation_id", "00-x")))),
            "long names of keys" => (OtlpSignal.Logs, Otel.Request([.. Many(50, 500).Select(
                i => Log().Attr(new string('k', 10_000), "v").Attr("traceparent", new string('0', 10_000)))])),
            "spans of nothing" => (OtlpSignal.Traces, Empty(Of(100_000, 500_000))),
            "many resources" => (OtlpSignal.Logs, Many(5_000, 20_000).Aggregate(
                new Proto(), static (all, i) => all.Message(1, new Proto().Message(1, Resource(("service.name", String($"s{i}")))).Message(2, new Proto().Message(2, Log())))).ToArray()),
            _ => (OtlpSignal.Logs, Otel.Request(
                [.. Many(1_000, 2_000).Select(_ => random.Next(3) switch { 0 => Odd(random), 1 => new Proto(), _ => Braces(20, random) })])),
        };

        int Of(int least, int most) => Math.Max(4, (int)(random.Next(least, most) * size));
        IEnumerable<int> Many(int least, int most) => Enumerable.Range(0, Of(least, most));
    }

    private static Proto Deep(int depth)
    {
        var value = String("end");
        for (var level = 0; level < depth; level++)
        {
            value = level % 2 == 0 ? Array(value) : Map(("k", value));
        }

        return Log().Body(value).Attr("deep", value);
    }

    private static byte[] EmptyScopes(int scopes)
    {
        var group = new Proto().Message(1, Resource(("text", String(new string('x', 100_000)))));
        for (var i = 0; i < scopes; i++)
        {
            group.Message(2, new Proto());
        }

        return new Proto().Message(1, group).ToArray();
    }

    private static byte[] Empty(int records)
    {
        var scope = new byte[records * 2];
        for (var i = 0; i < scope.Length; i += 2)
        {
            scope[i] = 0x12;
        }

        return new Proto().Message(1, new Proto().Bytes(2, scope)).ToArray();
    }

    private static byte[] Scopes(int bytesOfResource, int scopes)
    {
        var group = new Proto().Message(1, Resource(("service.name", String("shop")), ("text", String(new string('x', bytesOfResource)))));
        for (var i = 0; i < scopes; i++)
        {
            group.Message(2, new Proto().Message(2, Log()));
        }

        return new Proto().Message(1, group).ToArray();
    }

    private static Proto LongName(int length, int events) =>
        Enumerable.Range(0, events).Aggregate(Span(new string('n', length)), static (span, _) => span.Message(11, Event("exception")));

    private static Proto Attributes(int count, Random random) =>
        Enumerable.Range(0, count).Aggregate(Log(), (log, i) => log.Attr($"{i % random.Next(1, 5_000)}", "v"));

    private static Proto Braces(int count, Random random) =>
        Enumerable.Range(0, count / 4).Aggregate(
            Log().Body(string.Concat(Enumerable.Repeat("{zzzzz}", count))), (log, _) => log.Attr($"a{random.Next(1_000)}", "v"));

    private static Proto Odd(Random random) =>
        Log().Varint(2, 500).Bytes(9, 1, 2, 3).Bytes(10, 1).Attr("a", Bytes(0xFF, 0xFE)).Attr("a", Double(double.NaN)).Body(new string('\u0001', random.Next(100)));
}
