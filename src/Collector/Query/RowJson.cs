using System.Buffers;
using System.Text.Json;
using Collector.Model;

namespace Collector.Query;

/// <summary>Writes rows as JSON, column by column, in memory that is bounded.</summary>
internal sealed class RowJson : IRowSink, IDisposable
{
    // A page of ordinary rows is below 1 MiB; one of the largest rows would be 2 GiB.
    private const int MaxBytes = 4 * 1024 * 1024;

    private readonly PooledBytes _bytes = new();
    private readonly Utf8JsonWriter _json;

    private readonly int _maxBytes;

    /// <param name="maxBytes">From here on it accepts no more rows; the last one may reach beyond.</param>
    public RowJson(int maxBytes = MaxBytes)
    {
        _maxBytes = maxBytes;
        _json = new Utf8JsonWriter(_bytes, ApiJson.WriterOptions);
        _json.WriteStartArray();
    }

    public int Count { get; private set; }

    public long Bytes => _json.BytesCommitted + _json.BytesPending;

    /// <summary>The array of the rows, once all are in; it is gone when this is disposed.</summary>
    public RawJson Finish()
    {
        _json.WriteEndArray();
        _json.Flush();
        return new RawJson(_bytes.Written());
    }

    public bool Accept(in StoredRow row)
    {
        Write(_json, row);
        Count++;
        return Bytes < _maxBytes;
    }

    public void Dispose()
    {
        _json.Dispose();
        _bytes.Dispose();
    }

    /// <summary>One row as an object.</summary>
    public static void Write(Utf8JsonWriter json, in StoredRow row)
    {
        json.WriteStartObject();
        json.WriteString("log_id"u8, row.LogId);
        json.WriteString("worker_name"u8, row.WorkerName);
        WriteText(json, "request_id"u8, row.RequestId);
        json.WriteString("correlation_id"u8, row.CorrelationId);
        json.WriteString("log_level"u8, row.LogLevel);
        json.WriteString("message"u8, row.Message);
        json.WriteString("timestamp"u8, row.Timestamp);
        WriteNumber(json, "execution_time_ms"u8, row.ExecutionTimeMs);
        json.WriteString("created_at"u8, row.CreatedAt);
        json.WriteString("kind"u8, row.Kind);
        WriteNumber(json, "wall_time_ms"u8, row.WallTimeMs);
        WriteText(json, "trace_id"u8, row.TraceId);
        WriteText(json, "span_id"u8, row.SpanId);
        WriteText(json, "parent_span_id"u8, row.ParentSpanId);
        WriteText(json, "outcome"u8, row.Outcome);
        WriteObject(json, "context"u8, row.ContextJson);
        WriteObject(json, "resource"u8, row.ResourceJson);
        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            json.WriteNull(name);
        }
        else
        {
            json.WriteString(name, text);
        }
    }

    private static void WriteNumber(Utf8JsonWriter json, ReadOnlySpan<byte> name, double? number)
    {
        if (number is { } value)
        {
            json.WriteNumber(name, value);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    // The column holds one JSON object, which a receiver wrote: it goes out unchanged.
    private static void WriteObject(Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlySpan<byte> text)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(text.IsEmpty ? "{}"u8 : text, skipInputValidation: true);
    }
}
