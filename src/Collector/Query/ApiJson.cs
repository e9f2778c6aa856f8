using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Collector.Query;

/// <summary>How answers become JSON: records with their members in snake_case, and rows as <see cref="RowJson"/> wrote them.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CorrelationResponse))]
[JsonSerializable(typeof(HistogramResponse))]
[JsonSerializable(typeof(LedgerResponse))]
[JsonSerializable(typeof(LogsResponse))]
[JsonSerializable(typeof(MetricsResponse))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(StatusResponse))]
[JsonSerializable(typeof(StorageResponse))]
[JsonSerializable(typeof(WorkersResponse))]
internal sealed partial class ApiJson : JsonSerializerContext
{
    public const string ContentType = "application/json";

    // Text stays readable in a terminal: quotes, backslashes and control characters are escaped, the rest is UTF-8. No
    // page ever takes these bytes for HTML: the content type says JSON, and nosniff keeps it so.
    private static readonly JavaScriptEncoder _encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    private static readonly ApiJson _context =
        new(new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Encoder = _encoder });

    /// <summary>For what is written member by member.</summary>
    public static JsonWriterOptions WriterOptions => new() { Encoder = _encoder };

    public static Task WriteAsync<T>(HttpContext context, T answer, string contentType = ContentType)
    {
        context.Response.ContentType = contentType;
        var type = (JsonTypeInfo<T>)_context.GetTypeInfo(typeof(T))!;
        return JsonSerializer.SerializeAsync(context.Response.BodyWriter, answer, type, context.RequestAborted);
    }
}

/// <summary>Bytes that are JSON already.</summary>
[JsonConverter(typeof(RawJsonConverter))]
internal readonly struct RawJson(ReadOnlySequence<byte> bytes)
{
    public ReadOnlySequence<byte> Bytes => bytes;
}

internal sealed class RawJsonConverter : JsonConverter<RawJson>
{
    public override void Write(Utf8JsonWriter writer, RawJson value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Bytes, skipInputValidation: true);

    public override RawJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Answers are only written.");
}
