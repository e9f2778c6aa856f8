using System.Buffers.Binary;
using Collector.Tests.Support;

namespace Collector.Tests.Browser;

/// <summary>Rows of one worker that wait to be sent.</summary>
internal sealed class TrafficRows
{
    public List<byte[]> Spans { get; } = [];

    public List<byte[]> Logs { get; } = [];

    public async Task SendAsync(Wire wire, CollectorProcess collector, string worker)
    {
        foreach (var (method, rows) in new[] { (Wire.TracesMethod, Spans), (Wire.LogsMethod, Logs) })
        {
            if (rows.Count > 0)
            {
                var reply = await wire.GrpcAsync(collector.Grpc, method, Wire.Frame(OtlpMessage.Logs(worker, [.. rows])));
                reply.Status.ShouldBe(0, reply.Message);
                rows.Clear();
            }
        }
    }
}

/// <summary>Writes the rows of one order; times are milliseconds from its start.</summary>
internal sealed class TrafficOrder(Dictionary<string, TrafficRows> rows, int number, double startMs)
{
    private const string Stack = """
        Shop.Payments.BankException: no answer within 30 s
           at Shop.Payments.Bank.Charge(Card card, Money amount) in /src/Bank.cs:line 88
           at Shop.Payments.ChargeHandler.HandleAsync(ChargeRequest request) in /src/ChargeHandler.cs:line 31
           at Shop.Hosting.Pipeline.InvokeAsync(HttpContext context) in /src/Pipeline.cs:line 142
        """;

    private static readonly Dictionary<string, ulong> _severities = new() { ["debug"] = 5, ["info"] = 9, ["warn"] = 13, ["error"] = 17 };
    private readonly byte[] _trace = IdOf(16, number + 1);

    public int Number => number;

    public string Id { get; } = Traffic.IdOf(number);

    public void Span(string worker, (int Id, int Parent) span, string name, bool isServer, (double At, double Length) time, bool fails = false) =>
        rows[worker].Spans.Add(OtlpMessage.Bytes(
            2,
            OtlpMessage.Bytes(1, _trace),
            OtlpMessage.Bytes(2, IdOf(8, span.Id)),
            span.Parent == 0 ? [] : OtlpMessage.Bytes(4, IdOf(8, span.Parent)),
            OtlpMessage.Text(5, name),
            OtlpMessage.Varint(6, isServer ? 2UL : 3),
            OtlpMessage.Fixed64(7, At(time.At)),
            OtlpMessage.Fixed64(8, At(time.At + Math.Max(0.2, time.Length))),
            Attributes(9),
            fails ? OtlpMessage.Bytes(15, OtlpMessage.Varint(3, 2)) : []));

    public void Log(string worker, int span, double at, string level, string text) => Write(worker, span, at, level, text);

    public void Exception(string worker, int span, double at) => Write(
        worker, span, at, "error", "no answer within 30 s",
        OtlpMessage.Attribute(6, "exception.type", "Shop.Payments.BankException"),
        OtlpMessage.Attribute(6, "exception.message", "no answer within 30 s"),
        OtlpMessage.Attribute(6, "exception.stacktrace", Stack));

    private void Write(string worker, int span, double at, string level, string text, params byte[][] more) =>
        rows[worker].Logs.Add(OtlpMessage.Bytes(
            2,
            OtlpMessage.Fixed64(1, At(at)),
            OtlpMessage.Varint(2, _severities[level]),
            OtlpMessage.StringValue(5, text),
            Attributes(6),
            [.. more.SelectMany(part => part)],
            OtlpMessage.Bytes(9, _trace),
            span == 0 ? [] : OtlpMessage.Bytes(10, IdOf(8, span))));

    private byte[] Attributes(int field) =>
        [.. OtlpMessage.Attribute(field, "correlation_id", Id), .. OtlpMessage.Attribute(field, "shop.region", number % 3 == 0 ? "north" : "south")];

    private ulong At(double ms) => (ulong)((startMs + ms) * 1_000) * 1_000;

    private static byte[] IdOf(int length, int of)
    {
        var id = new byte[length];
        id[0] = (byte)(0xA0 + length);
        BinaryPrimitives.WriteInt32BigEndian(id.AsSpan(length - 4), of);
        return id;
    }
}
