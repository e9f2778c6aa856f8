using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Collector.Model;
using Collector.Protobuf;

namespace Collector.Commands;

/// <summary>A request that becomes one row, in the form of each protocol.</summary>
internal sealed record TestRecord(string Message, string CorrelationId, ulong Nanos)
{
    public const string Worker = "collector-send-test";

    // severity_number of OTLP: INFO.
    private const int Info = 9;

    public byte[] Protobuf()
    {
        var buffer = new ByteBuffer(Unbounded.Instance);
        var writer = new WireWriter(buffer);
        var resourceLogs = writer.Begin(1);
        var resource = writer.Begin(1);
        Attribute(writer, 1, "service.name", Worker);
        writer.End(resource);
        var scopeLogs = writer.Begin(2);
        var record = writer.Begin(2);
        writer.Fixed64(1, Nanos);
        writer.Varint(2, Info);
        Text(writer, 5, Message);
        Attribute(writer, 6, "correlation_id", CorrelationId);
        writer.End(record);
        writer.End(scopeLogs);
        writer.End(resourceLogs);
        return buffer.Written.ToArray();
    }

    /// <summary>A message with gRPC's prefix: not compressed, and its length.</summary>
    public static byte[] GrpcFrame(byte[] message)
    {
        var frame = new byte[5 + message.Length];
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), (uint)message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }

    public byte[] Json() => Encoding.UTF8.GetBytes($$$"""
        {"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"{{{Worker}}}"}}]},
        "scopeLogs":[{"logRecords":[{"timeUnixNano":"{{{Nanos}}}","severityNumber":{{{Info}}},
        "body":{"stringValue":"{{{JsonEncodedText.Encode(Message)}}}"},
        "attributes":[{"key":"correlation_id","value":{"stringValue":"{{{JsonEncodedText.Encode(CorrelationId)}}}"}}]}]}]}]}
        """);

    /// <summary>A line of the console, as <c>schema/tail.proto</c> has it.</summary>
    public byte[] TailBatch()
    {
        var buffer = new ByteBuffer(Unbounded.Instance);
        var writer = new WireWriter(buffer);
        var tailEvent = writer.Begin(1);
        writer.Bytes(1, Encoding.UTF8.GetBytes(CorrelationId));
        writer.Varint(2, 1);
        writer.Bytes(3, Encoding.UTF8.GetBytes(Worker));
        writer.Bytes(5, Encoding.UTF8.GetBytes(CorrelationId));
        writer.Fixed64(6, Nanos);
        var log = writer.Begin(7);
        writer.Bytes(1, "info"u8);
        writer.Bytes(2, JsonSerializer.SerializeToUtf8Bytes(Message));
        writer.End(log);
        writer.End(tailEvent);
        return buffer.Written.ToArray();
    }

    /// <summary>A call of a Tail Worker with one invocation: a request that wrote nothing.</summary>
    public byte[] TailItems() => Encoding.UTF8.GetBytes($$$"""
        [{"event":{"request":{"method":"GET","url":"https://send-test.example/","headers":{"x-correlation-id":"{{{JsonEncodedText.Encode(CorrelationId)}}}"}},
        "response":{"status":200}},"eventTimestamp":{{{Nanos / 1_000_000}}},"scriptName":"{{{Worker}}}","outcome":"ok","logs":[],"exceptions":[]}]
        """);

    private static void Attribute(WireWriter writer, int field, string key, string value)
    {
        var attribute = writer.Begin(field);
        writer.Bytes(1, Encoding.UTF8.GetBytes(key));
        Text(writer, 2, value);
        writer.End(attribute);
    }

    // An AnyValue.
    private static void Text(WireWriter writer, int field, string value)
    {
        var any = writer.Begin(field);
        writer.Bytes(1, Encoding.UTF8.GetBytes(value));
        writer.End(any);
    }
}
