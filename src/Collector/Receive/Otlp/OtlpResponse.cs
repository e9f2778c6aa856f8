using System.Buffers;
using System.Text;
using System.Text.Json;
using Collector.Model;
using Collector.Protobuf;

namespace Collector.Receive.Otlp;

/// <summary>
/// Writes an Export response: empty when there is no warning, since clients log a partial_success that says nothing;
/// else partial_success = 1 { rejected = 0 (unset), error_message = 2 }. Source:
/// opentelemetry/proto/collector/*/v1.
/// </summary>
internal static class OtlpResponse
{
    private const int PartialSuccess = 1;
    private const int ErrorMessage = 2;

    public static byte[] ToProto(string? warning)
    {
        if (warning is null)
        {
            return [];
        }

        using var partial = new ByteBuffer(Unbounded.Instance);
        new WireWriter(partial).Bytes(ErrorMessage, Encoding.UTF8.GetBytes(warning));
        using var response = new ByteBuffer(Unbounded.Instance);
        new WireWriter(response).Bytes(PartialSuccess, partial.Written);
        return response.Written.ToArray();
    }

    public static byte[] ToJson(string? warning)
    {
        if (warning is null)
        {
            return "{}"u8.ToArray();
        }

        var target = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(target))
        {
            json.WriteStartObject();
            json.WriteStartObject("partialSuccess");
            json.WriteString("errorMessage", warning);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return target.WrittenSpan.ToArray();
    }
}
