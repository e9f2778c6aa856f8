using System.Globalization;
using System.Text;
using System.Text.Json;
using Collector.Model;
using Collector.Receive.Otlp;
using Collector.Receive.Request;
using Collector.Receive.Rows;

namespace Collector.Tests.Receive.Otlp;

/// <summary>A row as text, the way a reader of the table would see it.</summary>
internal sealed record DecodedRow(
    string Worker, string RequestId, string CorrelationId, Level Level, string Message, string Context,
    string Timestamp, long? ExecutionTimeMs, Kind Kind, double? WallTimeMs, string TraceId, string SpanId,
    string ParentSpanId, string Outcome, string Resource)
{
    // 64 levels of a value stand below those of the context itself.
    private static readonly JsonDocumentOptions _deep = new() { MaxDepth = 80 };

    public JsonElement Json => JsonDocument.Parse(Context, _deep).RootElement;

    public JsonElement Attributes => Json.GetProperty("attributes");

    public string[] Notes => Context.Length > 0 && Json.TryGetProperty("notes", out var notes)
        ? [.. notes.EnumerateArray().Select(note => note.GetString()!)]
        : [];
}

/// <summary>Decodes a request and reads the batch out.</summary>
internal sealed record Decoded(DecodeResult Result, DecodedRow[] Rows, int OddValues, int Late = 0, int Future = 0)
{
    public const ulong Received = Otel.Noon + 1_000_000_000;

    public static readonly OtlpDecoder Decoder = new(new MappingRules(), new LogIdSequence());

    public DecodedRow Row => Rows.ShouldHaveSingleItem();

    public static DecodedRow Log(Proto record, MappingRules? rules = null) =>
        Of(OtlpSignal.Logs, Otel.Request(record), rules).Row;

    public static DecodedRow Span(Proto span) => Of(OtlpSignal.Traces, Otel.Request(span)).Row;

    public static Decoded Of(
        OtlpSignal signal, byte[] request, MappingRules? rules = null, TranscodeResult? transcoded = null)
    {
        using var batch = Batch(request);
        var decoder = rules is null ? Decoder : new OtlpDecoder(rules, new LogIdSequence());
        return Read(decoder.Decode(signal, batch, transcoded), batch);
    }

    public static Decoded Read(DecodeResult result, RowBatch batch)
    {
        if (result.Status != DecodeStatus.Ok)
        {
            return new Decoded(result, [], 0);
        }

        var rows = new DecodedRow[batch.Count];
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = Read(batch, batch.Rows[i]);
        }

        return new Decoded(result, rows, batch.OddValues, batch.LateRows, batch.FutureRows);
    }

    public static Decoded OfJson(OtlpSignal signal, string json) => OfJson(signal, Encoding.UTF8.GetBytes(json));

    public static Decoded OfJson(OtlpSignal signal, byte[] json)
    {
        using var target = new ByteBuffer(Unbounded.Instance);
        var result = OtlpJson.Transcode(signal, json, target);
        result.Status.ShouldBe(DecodeStatus.Ok, result.Message);
        return Of(signal, target.Written.ToArray(), transcoded: result);
    }

    public static RowBatch Batch(byte[] request, IByteAllowance? allowance = null)
    {
        var body = new ByteBuffer(Unbounded.Instance, request.Length);
        body.Append(request);
        return new RowBatch(body, allowance ?? Unbounded.Instance, Received);
    }

    private static DecodedRow Read(RowBatch batch, in Row row) => new(
        Text(batch, row.Worker), Text(batch, row.RequestId), Text(batch, row.CorrelationId), row.Level,
        Text(batch, row.Message), Text(batch, row.Context), Timestamps.ToText(row.TimestampNanos),
        row.ExecutionTimeMs, row.Kind, row.WallTimeMs,
        row.TraceId == 0 ? "" : row.TraceId.ToString("x32", CultureInfo.InvariantCulture),
        Hex(row.SpanId), Hex(row.ParentSpanId), Text(batch, row.Outcome),
        row.Resource < 0 ? "" : Text(batch, batch.Resources[row.Resource]));

    private static string Hex(ulong id) => id == 0 ? "" : id.ToString("x16", CultureInfo.InvariantCulture);

    // Throws on invalid UTF-8: no column may hold any.
    private static string Text(RowBatch batch, Slice slice) =>
        new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(batch.Text(slice));
}

/// <summary>Says yes to so many bytes, then no.</summary>
internal sealed class LimitedAllowance(long bytes) : IByteAllowance
{
    private long _left = bytes;

    public bool TryTake(long bytes)
    {
        if (bytes > _left)
        {
            return false;
        }

        _left -= bytes;
        return true;
    }

    public void GiveBack(long bytes) => _left += bytes;
}
