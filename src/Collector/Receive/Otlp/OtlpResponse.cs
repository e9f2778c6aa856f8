using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Collector.Model;
using Collector.Protobuf;

namespace Collector.Receive.Otlp;

/// <summary>
/// Writes an Export response: empty when there is no warning, since clients log a partial_success that says nothing;
/// else partial_success = 1 { rejected = 1, error_message = 2 }. Source:
/// opentelemetry/proto/collector/*/v1.
/// </summary>
internal static class OtlpResponse
{
    private const int PartialSuccess = 1;
    private const int Rejected = 1;
    private const int ErrorMessage = 2;

    /// <param name="warning">For the producer's developer; null: nothing is said.</param>
    /// <param name="rejected">Records, spans or points that are not kept.</param>
    public static byte[] ToProto(string? warning, long rejected = 0)
    {
        if (warning is null)
        {
            return [];
        }

        using var partial = new ByteBuffer(Unbounded.Instance);
        var writer = new WireWriter(partial);
        if (rejected > 0)
        {
            writer.Varint(Rejected, (ulong)rejected);
        }

        writer.Bytes(ErrorMessage, Encoding.UTF8.GetBytes(warning));
        using var response = new ByteBuffer(Unbounded.Instance);
        new WireWriter(response).Bytes(PartialSuccess, partial.Written);
        return response.Written.ToArray();
    }

    /// <summary>As <see cref="ToProto"/>.</summary>
    /// <param name="warning">For the producer's developer; null: nothing is said.</param>
    /// <param name="rejectedName">What the signal calls those that are not kept.</param>
    /// <param name="rejected">Records, spans or points that are not kept.</param>
    public static byte[] ToJson(string? warning, string rejectedName, long rejected = 0)
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
            if (rejected > 0)
            {
                // 64-bit integers are text in OTLP/JSON.
                json.WriteString(rejectedName, rejected.ToString(CultureInfo.InvariantCulture));
            }

            json.WriteString("errorMessage", warning);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return target.WrittenSpan.ToArray();
    }
}
