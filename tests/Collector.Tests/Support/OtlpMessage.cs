using System.Buffers.Binary;
using System.Text;

namespace Collector.Tests.Support;

/// <summary>Writes OTLP messages field by field, right or wrong.</summary>
internal static class OtlpMessage
{
    public static byte[] Varint(int field, ulong value) => [.. Number(((ulong)field << 3) | 0), .. Number(value)];

    public static byte[] Fixed64(int field, ulong value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return [.. Number(((ulong)field << 3) | 1), .. bytes];
    }

    public static byte[] Bytes(int field, params byte[][] parts)
    {
        var value = parts.SelectMany(part => part).ToArray();
        return [.. Number(((ulong)field << 3) | 2), .. Number((ulong)value.Length), .. value];
    }

    public static byte[] Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public static byte[] StringValue(int field, string value) => Bytes(field, Text(1, value));

    public static byte[] Attribute(int field, string key, string value) => Bytes(field, Text(1, key), StringValue(2, value));

    /// <summary>An ExportLogsServiceRequest of one resource.</summary>
    public static byte[] Logs(string worker, params byte[][] records) =>
        Bytes(1, Bytes(1, Attribute(1, "service.name", worker)), Bytes(2, [.. records]));

    /// <summary>A LogRecord in its place in ScopeLogs; without a correlation id of its own.</summary>
    public static byte[] Record(ulong timeNanos, string message, params byte[][] more) =>
        Bytes(2, [Fixed64(1, timeNanos), Varint(2, 9), StringValue(5, message), .. more]);

    public static byte[] Correlated(string id) => Attribute(6, "correlation_id", id);

    private static byte[] Number(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
        return [.. bytes];
    }
}
