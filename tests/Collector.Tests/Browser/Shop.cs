using Collector.Tests.Support;

namespace Collector.Tests.Browser;

/// <summary>Rows of a shop in the last minutes: orders of four spans with logs, every fifth of which fails.</summary>
internal sealed class Shop(CollectorProcess collector, DateTimeOffset now)
{
    public const int Orders = 40;
    private const ulong Millisecond = 1_000_000;

    public static string Order(int number) => $"order-{number}";

    public async Task SendAsync()
    {
        using var wire = new Wire();
        foreach (var number in Enumerable.Range(0, Orders))
        {
            var at = ((ulong)now.ToUnixTimeMilliseconds() * Millisecond) - ((ulong)(Orders - number) * 5_000 * Millisecond);
            var trace = Enumerable.Repeat((byte)(number + 1), 16).ToArray();
            var fails = number % 5 == 0;
            await SendAsync(wire, Wire.TracesMethod, OtlpMessage.Logs(
                "gateway",
                Span(trace, (1, 0, "POST /orders", 2), (at, 300), number),
                Span(trace, (2, 1, "charge", 3), (at + (10 * Millisecond), 200), number)));
            await SendAsync(wire, Wire.TracesMethod, OtlpMessage.Logs(
                "payments",
                Span(trace, (3, 2, "payments.Charge", 2), (at + (20 * Millisecond), 150), number, fails),
                Span(trace, (4, 3, "SELECT cards", 3), (at + (30 * Millisecond), 60), number)));
            await SendAsync(wire, Wire.LogsMethod, OtlpMessage.Logs(
                "payments",
                Log(trace, at + (40 * Millisecond), $"charging card of {Order(number)}", 9, number),
                Log(trace, at + (160 * Millisecond), fails ? "card declined" : "card charged", fails ? 17UL : 9, number)));
        }
    }

    private async Task SendAsync(Wire wire, string method, byte[] message) =>
        (await wire.GrpcAsync(collector.Grpc, method, Wire.Frame(message))).Status.ShouldBe(0);

    private static byte[] SpanId(int number) => [0, 0, 0, 0, 0, 0, 0, (byte)number];

    private static byte[] Span(byte[] trace, (int Id, int Parent, string Name, ulong Kind) span, (ulong At, ulong Milliseconds) time, int order, bool fails = false) =>
        OtlpMessage.Bytes(
            2,
            OtlpMessage.Bytes(1, trace),
            OtlpMessage.Bytes(2, SpanId(span.Id)),
            span.Parent == 0 ? [] : OtlpMessage.Bytes(4, SpanId(span.Parent)),
            OtlpMessage.Text(5, span.Name),
            OtlpMessage.Varint(6, span.Kind),
            OtlpMessage.Fixed64(7, time.At),
            OtlpMessage.Fixed64(8, time.At + (time.Milliseconds * Millisecond)),
            OtlpMessage.Attribute(9, "correlation_id", Order(order)),
            OtlpMessage.Attribute(9, "shop.region", order % 2 == 0 ? "north" : "south"),
            fails ? OtlpMessage.Bytes(15, OtlpMessage.Varint(3, 2)) : []);

    private static byte[] Log(byte[] trace, ulong at, string text, ulong severity, int order) =>
        OtlpMessage.Record(at, text, OtlpMessage.Varint(2, severity), OtlpMessage.Bytes(9, trace), OtlpMessage.Bytes(10, SpanId(3)),
            OtlpMessage.Correlated(Order(order)), OtlpMessage.Attribute(6, "shop.region", order % 2 == 0 ? "north" : "south"));
}
