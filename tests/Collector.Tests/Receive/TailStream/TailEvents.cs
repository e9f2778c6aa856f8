using System.Text;
using Collector.Model;
using Collector.Pipeline.Ledger;
using Collector.Pipeline.Streams;
using Collector.Receive.Request;
using Collector.Receive.Rows;
using Collector.Receive.TailStream;
using Collector.Tests.Receive.Otlp;
using Collector.Tests.Support;

namespace Collector.Tests.Receive.TailStream;

/// <summary>Messages of schema/tail.proto, written by hand, and what becomes of them.</summary>
internal static class TailEvents
{
    public static Proto Event(ulong sequence = 1, string stream = "s") =>
        new Proto().Text(1, stream).Varint(2, (long)sequence).Text(3, "edge").Text(4, "r-1").Fixed64(6, Otel.Noon);

    public static Proto Log(params string[] arguments) => Log("log", null, arguments);

    public static Proto Log(string level, string? context, params string[] arguments)
    {
        var log = new Proto().Text(1, level);
        foreach (var argument in arguments)
        {
            log.Text(2, argument);
        }

        return Event().Message(7, context is null ? log : log.Text(3, context));
    }

    public static Proto Exception(string type, string message, string stack) =>
        Event().Message(8, new Proto().Text(1, type).Text(2, message).Text(3, stack));

    public static Proto Header(string name, string value) => new Proto().Text(1, name).Text(2, value);

    public static Proto Timing(double cpu, double wall) => new Proto()
        .Fixed64(1, BitConverter.DoubleToUInt64Bits(cpu)).Fixed64(2, BitConverter.DoubleToUInt64Bits(wall));

    /// <summary>The row of an event.</summary>
    public static DecodedRow Row(Proto happened, MappingRules? rules = null) => Decode([happened], rules).Row;

    public static Decoded Decode(Proto[] events, MappingRules? rules = null, RowLedger? ledger = null)
    {
        var body = new Proto();
        foreach (var happened in events)
        {
            body.Message(1, happened);
        }

        using var batch = Decoded.Batch(body.ToArray());
        batch.Stream = new StreamPart("s");
        using var call = Call(ledger);
        foreach (var happened in events)
        {
            call.Check(happened.ToArray(), Slice.OfBody(0, happened.ToArray().Length)).ShouldBe(ReceiveResult.Ok);
        }

        var decoder = new TailEventDecoder(rules ?? new MappingRules(), new LogIdSequence());
        return Decoded.Read(decoder.Decode(batch, Unbounded.Instance, call), batch);
    }

    public static TailCall Call(RowLedger? ledger = null) =>
        new(new StreamTracker(ledger ?? new RowLedger(), new NoonClock()), isStream: true);

    /// <summary>What a call says of its first event.</summary>
    public static ReceiveResult Check(this TailCall call, Proto happened)
    {
        var bytes = happened.ToArray();
        return call.Check(bytes, Slice.OfBody(0, bytes.Length));
    }

    public static string Quoted(string text) => System.Text.Json.JsonSerializer.Serialize(text);

    public static byte[] Broken(string before) => [.. Encoding.UTF8.GetBytes(before), 0xFF, 0x22, 0x80];
}
