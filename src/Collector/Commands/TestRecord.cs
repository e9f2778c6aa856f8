using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Collector.Model;
using Collector.Receive.Otlp.Wire;

namespace Collector.Commands;

/// <summary>An export request of one log record, in each of OTLP's forms.</summary>
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

    /// <summary>The same with gRPC's prefix: not compressed, and its length.</summary>
    public byte[] GrpcFrame()
    {
        var message = Protobuf();
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
