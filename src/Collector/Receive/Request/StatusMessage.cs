using System.Buffers;
using System.Text;
using System.Text.Json;
using Collector.Receive.Grpc;

namespace Collector.Receive.Request;

/// <summary>
/// Writes the two small messages that producers are answered with: google.rpc.Status for errors, and an Export response
/// whose partial_success carries a warning. Source: google/rpc/status.proto, error_details.proto,
/// opentelemetry/proto/collector/*/v1.
/// </summary>
internal static class StatusMessage
{
    /// <summary>Pause that producers are asked for before they retry.</summary>
    public const int RetryAfterSeconds = 1;

    private const string RetryInfoType = "type.googleapis.com/google.rpc.RetryInfo";

    /// <summary>google.rpc.Status { code = 1, message = 2, details = 3 (Any { type_url = 1, value = 2 }) }.</summary>
    public static byte[] ToProto(GrpcStatus code, string message, bool retry)
    {
        var status = new ArrayBufferWriter<byte>();
        WriteVarintField(status, 1, (uint)code);
        WriteBytesField(status, 2, Encoding.UTF8.GetBytes(message));
        if (retry)
        {
            // RetryInfo { retry_delay = 1: Duration { seconds = 1 } }
            var duration = new ArrayBufferWriter<byte>();
            WriteVarintField(duration, 1, RetryAfterSeconds);
            var retryInfo = new ArrayBufferWriter<byte>();
            WriteBytesField(retryInfo, 1, duration.WrittenSpan);
            var any = new ArrayBufferWriter<byte>();
            WriteBytesField(any, 1, Encoding.ASCII.GetBytes(RetryInfoType));
            WriteBytesField(any, 2, retryInfo.WrittenSpan);
            WriteBytesField(status, 3, any.WrittenSpan);
        }

        return status.WrittenSpan.ToArray();
    }

    public static byte[] ToJson(GrpcStatus code, string message, bool retry) => Json(writer =>
    {
        writer.WriteNumber("code", (int)code);
        writer.WriteString("message", message);
        if (retry)
        {
            writer.WriteStartArray("details");
            writer.WriteStartObject();
            writer.WriteString("@type", RetryInfoType);
            writer.WriteString("retryDelay", $"{RetryAfterSeconds}s");
            writer.WriteEndObject();
            writer.WriteEndArray();
        }
    });

    /// <summary>
    /// An Export response: empty when there is no warning, since clients log a partial_success that says nothing; else
    /// partial_success = 1 { rejected = 0 (unset), error_message = 2 }.
    /// </summary>
    public static byte[] ResponseProto(string? warning)
    {
        if (warning is null)
        {
            return [];
        }

        var partial = new ArrayBufferWriter<byte>();
        WriteBytesField(partial, 2, Encoding.UTF8.GetBytes(warning));
        var response = new ArrayBufferWriter<byte>();
        WriteBytesField(response, 1, partial.WrittenSpan);
        return response.WrittenSpan.ToArray();
    }

    public static byte[] ResponseJson(string? warning) => Json(writer =>
    {
        if (warning is not null)
        {
            writer.WriteStartObject("partialSuccess");
            writer.WriteString("errorMessage", warning);
            writer.WriteEndObject();
        }
    });

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        var target = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(target))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return target.WrittenSpan.ToArray();
    }

    private static void WriteVarintField(ArrayBufferWriter<byte> target, int field, uint value)
    {
        WriteVarint(target, (uint)field << 3);
        WriteVarint(target, value);
    }

    private static void WriteBytesField(ArrayBufferWriter<byte> target, int field, ReadOnlySpan<byte> value)
    {
        WriteVarint(target, ((uint)field << 3) | 2);
        WriteVarint(target, (uint)value.Length);
        target.Write(value);
    }

    private static void WriteVarint(ArrayBufferWriter<byte> target, uint value)
    {
        while (value >= 0x80)
        {
            target.Write([(byte)(value | 0x80)]);
            value >>= 7;
        }

        target.Write([(byte)value]);
    }
}
