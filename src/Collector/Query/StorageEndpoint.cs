using System.Text.Json;
using Collector.Model;
using Collector.Storage;

namespace Collector.Query;

/// <summary><c>GET /api/storage</c>: the segments, what they take, and what retention deleted by which rule.</summary>
internal sealed class StorageEndpoint(ILogRetainer retainer, RetentionOptions rules)
{
    public async Task HandleAsync(HttpContext context)
    {
        var report = retainer.Report();
        context.Response.ContentType = "application/json";
        using (var json = new Utf8JsonWriter(context.Response.BodyWriter, RowJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteStartArray("segments");
            foreach (var segment in report.Segments)
            {
                WriteSegment(json, segment);
            }

            json.WriteEndArray();
            json.WriteNumber("rows", report.Rows);
            json.WriteNumber("bytes", report.Bytes);
            json.WriteNumber("spool_bytes", report.OtherBytes);
            WriteTime(json, "oldest", report.Segments.Min(static s => s.FirstArrival));
            json.WriteNumber("max_age_seconds", rules.MaxAge.TotalSeconds);
            json.WriteNumber("max_bytes", rules.MaxBytes);
            json.WriteNumber("disk_free_bytes", report.FreeBytes);
            WriteRetention(json, report.Retention);
            json.WriteEndObject();
        }

        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    private static void WriteSegment(Utf8JsonWriter json, SegmentReport segment)
    {
        json.WriteStartObject();
        json.WriteString("name", segment.Name);
        json.WriteString("state", segment.State);
        json.WriteNumber("rows", segment.Rows);
        json.WriteNumber("bytes", segment.Bytes);
        WriteTime(json, "first_timestamp", segment.FirstTimestamp);
        WriteTime(json, "last_timestamp", segment.LastTimestamp);
        WriteTime(json, "first_arrival", segment.FirstArrival);
        WriteTime(json, "last_arrival", segment.LastArrival);
        json.WriteEndObject();
    }

    private static void WriteRetention(Utf8JsonWriter json, RetentionReport retention)
    {
        json.WriteStartObject("retention");
        WriteTime(json, "last_pass_at", retention.LastPassAt);
        WriteTime(json, "paused_until", retention.PausedUntil);
        json.WriteStartObject("removed");
        json.WriteNumber("segments", retention.Removed.Segments);
        json.WriteNumber("rows", retention.Removed.Rows);
        json.WriteNumber("bytes", retention.Removed.Bytes);
        json.WriteEndObject();
        json.WriteStartArray("recent");
        foreach (var removed in retention.Recent)
        {
            WriteRemoved(json, removed);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRemoved(Utf8JsonWriter json, RemovedSegment removed)
    {
        json.WriteStartObject();
        json.WriteString("name", removed.Segment.Name);
        json.WriteNumber("rows", removed.Segment.Rows);
        json.WriteNumber("bytes", removed.Segment.Bytes);
        WriteTime(json, "first_arrival", removed.Segment.FirstArrival);
        WriteTime(json, "last_arrival", removed.Segment.LastArrival);
        json.WriteString("rule", removed.Rule);
        WriteTime(json, "removed_at", removed.RemovedAt);
        json.WriteEndObject();
    }

    private static void WriteTime(Utf8JsonWriter json, string name, ulong? nanos) =>
        json.WriteString(name, nanos is { } time ? Timestamps.ToText(time) : null);
}
