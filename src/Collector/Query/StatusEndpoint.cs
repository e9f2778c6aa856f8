using System.Text.Json;
using Collector.Diagnostics;
using Collector.Model;

namespace Collector.Query;

/// <summary><c>GET /api/status</c>: how Collector is at this moment.</summary>
internal sealed class StatusEndpoint(Func<StatusSnapshot> read)
{
    public async Task HandleAsync(HttpContext context)
    {
        var status = read();
        context.Response.ContentType = "application/json";
        using (var json = new Utf8JsonWriter(context.Response.BodyWriter, RowJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("version", status.Version);
            json.WriteNumber("uptime_seconds", Math.Round(status.Uptime.TotalSeconds, 3));
            json.WriteString("started_at", Timestamps.ToText(Timestamps.ToNanos(status.StartedAt)));
            json.WriteBoolean("ready", status.IsReady);
            json.WriteStartObject("listen");
            json.WriteString("grpc", status.Listen.Grpc);
            json.WriteString("http", status.Listen.Http);
            json.WriteEndObject();
            WriteQueue(json, status.Queue);
            WriteAcknowledgement(json, status.Acknowledgements);
            WriteWriter(json, status.Writer);
            WriteSpool(json, status.Spool);
            WriteStore(json, status.Store);
            json.WriteEndObject();
        }

        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    private static void WriteQueue(Utf8JsonWriter json, QueueStatus queue)
    {
        json.WriteStartObject("queue");
        json.WriteNumber("entries", queue.Entries);
        json.WriteNumber("capacity", queue.Capacity);
        json.WriteNumber("bytes", queue.Bytes);
        json.WriteNumber("max_bytes", queue.MaxBytes);
        json.WriteEndObject();
    }

    private static void WriteAcknowledgement(Utf8JsonWriter json, DurationSummary recent)
    {
        json.WriteStartObject("acknowledgement");
        json.WriteNumber("count", recent.Count);
        WriteMilliseconds(json, "p50_ms", recent.Median);
        WriteMilliseconds(json, "p99_ms", recent.P99);
        json.WriteEndObject();
    }

    private static void WriteWriter(Utf8JsonWriter json, WriterStatus writer)
    {
        json.WriteStartObject("writer");
        json.WriteBoolean("alive", writer.IsAlive);
        json.WriteBoolean("store_failing", writer.IsStoreFailing);
        json.WriteString("failure", writer.Failure);
        WriteMilliseconds(json, "busy_ms", writer.BusyFor);
        json.WriteNumber("retries", writer.Retries);
        json.WriteEndObject();
    }

    private static void WriteSpool(Utf8JsonWriter json, SpoolStatus spool)
    {
        json.WriteStartObject("spool");
        json.WriteNumber("bytes", spool.Bytes);
        json.WriteNumber("max_bytes", spool.MaxBytes);
        json.WriteBoolean("behind", spool.IsBehind);
        json.WriteEndObject();
    }

    private static void WriteStore(Utf8JsonWriter json, StoreStatus store)
    {
        json.WriteStartObject("store");
        json.WriteNumber("rows", store.Rows);
        json.WriteNumber("bytes", store.Bytes);
        json.WriteNumber("segments", store.Segments);
        json.WriteNumber("unsealed", store.Unsealed);
        json.WriteNumber("sealing_failures", store.SealingFailures);
        json.WriteEndObject();
    }

    private static void WriteMilliseconds(Utf8JsonWriter json, string name, TimeSpan? duration)
    {
        if (duration is { } value)
        {
            json.WriteNumber(name, Math.Round(value.TotalMilliseconds, 3));
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
