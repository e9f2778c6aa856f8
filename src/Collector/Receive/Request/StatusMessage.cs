using System.Buffers;
using System.Text;
using System.Text.Json;
using Collector.Model;
using Collector.Protobuf;

namespace Collector.Receive.Request;

/// <summary>
/// Writes google.rpc.Status, which tells a producer why its request was refused. Source: google/rpc/status.proto,
/// error_details.proto.
/// </summary>
internal static class StatusMessage
{
    /// <summary>Pause that producers are asked for before they retry.</summary>
    public const byte RetryAfterSeconds = 1;

    private const int Code = 1;
    private const int Text = 2;
    private const int Details = 3;
    private const int AnyType = 1;
    private const int AnyValue = 2;

    private static ReadOnlySpan<byte> RetryInfoType => "type.googleapis.com/google.rpc.RetryInfo"u8;

    // RetryInfo { retry_delay = 1: Duration { seconds = 1 } }
    private static ReadOnlySpan<byte> RetryInfo => [0x0A, 2, 0x08, RetryAfterSeconds];

    public static byte[] ToProto(ReceiveResult result)
    {
        var row = ReceiveStatusTable.Of(result.Status);
        using var status = new ByteBuffer(Unbounded.Instance);
        var writer = new WireWriter(status);
        writer.Varint(Code, (ulong)row.Code);
        writer.Bytes(Text, Encoding.UTF8.GetBytes(result.Message ?? ""));
        if (row.IsRetryable)
        {
            using var any = new ByteBuffer(Unbounded.Instance);
            var detail = new WireWriter(any);
            detail.Bytes(AnyType, RetryInfoType);
            detail.Bytes(AnyValue, RetryInfo);
            writer.Bytes(Details, any.Written);
        }

        return status.Written.ToArray();
    }

    public static byte[] ToJson(ReceiveResult result)
    {
        var row = ReceiveStatusTable.Of(result.Status);
        var target = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(target))
        {
            json.WriteStartObject();
            json.WriteNumber("code", (int)row.Code);
            json.WriteString("message", result.Message ?? "");
            if (row.IsRetryable)
            {
                json.WriteStartArray("details");
                json.WriteStartObject();
                json.WriteString("@type", RetryInfoType);
                json.WriteString("retryDelay", $"{RetryAfterSeconds}s");
                json.WriteEndObject();
                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        return target.WrittenSpan.ToArray();
    }
}
