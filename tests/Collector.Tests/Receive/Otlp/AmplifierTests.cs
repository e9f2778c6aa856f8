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
    private const int BuiltAtLeast = 1 << 20;

    // What a buffer of the pool has beyond what was asked for, and a row whose end the bound is looked at.
    private const int Slack = 2 << 20;

    private static readonly OtlpDecoder _decoder = new(new MappingRules(), new LogIdSequence());

    public static TheoryData<string, int> Shapes
    {
        get
        {
            var shapes = new TheoryData<string, int>();
            foreach (var shape in new[] { "empty records", "scopes of a large resource", "long names", "attributes", "braces", "odd values", "mixed" })
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
        Decode(signal, request[..Math.Min(request.Length, 2_000)]);
        var before = ThreadCpu.Now;

        var result = new OtlpRequest(_decoder, signal, isJson: false).Decode(batch, lease);

        var took = ThreadCpu.Now - before;
        var rows = batch.Count;
        if (result.Status == DecodeStatus.Ok)
        {
            batch.InPieces().Sum(static piece => piece.Built.Length + (64L * piece.Count)).ShouldBeLessThan(batch.MostBuilt + Slack);
        }
        else
        {
            batch.IsTooMuch.ShouldBeTrue($"{result}");
        }

        lease.Held.ShouldBeLessThanOrEqualTo(budget.MostOfOne);
        // Four times the promise: this process is not warm, and it is shared.
        took.TotalMilliseconds.ShouldBeLessThan(4 * (50 + (request.Length * 0.001) + (rows * 0.025)), $"{request.Length} bytes, {rows} rows");
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

    private static void Decode(OtlpSignal signal, byte[] request)
    {
        using var batch = Decoded.Batch(request);
        _decoder.Decode(signal, batch);
    }

    private static RowBatch Bounded(byte[] request, ByteLease lease)
    {
        var body = ByteBuffer.ForBody(lease);
        body.Append(request);
        return new RowBatch(body, lease, Otel.Noon) { MostBuilt = (8L * request.Length) + BuiltAtLeast };
    }

    private static (OtlpSignal Signal, byte[] Request) RequestOf(string shape, Random random) => shape switch
    {
        "empty records" => (OtlpSignal.Logs, Empty(random.Next(100_000, 1_000_000))),
        "scopes of a large resource" => (OtlpSignal.Logs, Scopes(random.Next(50_000, 400_000), random.Next(50, 400))),
        "long names" => (OtlpSignal.Traces, Otel.Request(LongName(random.Next(50_000, 200_000), random.Next(500, 2_000)))),
        "attributes" => (OtlpSignal.Logs, Otel.Request(Attributes(random.Next(20_000, 100_000), random))),
        "braces" => (OtlpSignal.Logs, Otel.Request(Braces(random.Next(1_000, 6_000), random))),
        "odd values" => (OtlpSignal.Logs, Otel.Request([.. Enumerable.Range(0, random.Next(1_000, 10_000)).Select(_ => Odd(random))])),
        _ => (OtlpSignal.Logs, Otel.Request([.. Enumerable.Range(0, 2_000).Select(_ => random.Next(3) switch { 0 => Odd(random), 1 => new Proto(), _ => Braces(20, random) })])),
    };

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
