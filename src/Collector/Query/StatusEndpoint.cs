using Collector.Diagnostics;
using Collector.Model;

namespace Collector.Query;

/// <summary><c>GET /api/status</c>: how Collector is at this moment.</summary>
internal static class StatusEndpoint
{
    public static RequestDelegate Create(Func<StatusSnapshot> read) => ApiEndpoint.Create(() => StatusResponse.Of(read()));
}

internal sealed record StatusResponse(
    string Version, double UptimeSeconds, string StartedAt, bool Ready, ListenStatus Listen, QueueResponse Queue,
    AcknowledgementResponse Acknowledgement, WriterResponse Writer, SpoolResponse Spool, StoreResponse Store)
{
    private const int Decimals = 3;

    public static StatusResponse Of(StatusSnapshot status)
    {
        var (queue, recent, writer, spool, store) = (status.Queue, status.Acknowledgements, status.Writer, status.Spool, status.Store);
        return new StatusResponse(
            status.Version, Math.Round(status.Uptime.TotalSeconds, Decimals), Timestamps.ToText(Timestamps.ToNanos(status.StartedAt)),
            status.IsReady, status.Listen,
            new QueueResponse(queue.Entries, queue.Capacity, queue.Bytes, queue.MaxBytes),
            new AcknowledgementResponse(recent.Count, Milliseconds(recent.Median), Milliseconds(recent.P99)),
            new WriterResponse(writer.IsAlive, writer.IsStoreFailing, writer.Failure, Milliseconds(writer.BusyFor), writer.Retries),
            new SpoolResponse(spool.Bytes, spool.MaxBytes, spool.IsBehind),
            new StoreResponse(store.Rows, store.Bytes, store.Segments, store.Unsealed, store.SealingFailures));
    }

    private static double? Milliseconds(TimeSpan? duration) =>
        duration is { } value ? Math.Round(value.TotalMilliseconds, Decimals) : null;
}

internal sealed record QueueResponse(int Entries, int Capacity, long Bytes, long MaxBytes);

internal sealed record AcknowledgementResponse(long Count, double? P50Ms, double? P99Ms);

internal sealed record WriterResponse(bool Alive, bool StoreFailing, string? Failure, double? BusyMs, long Retries);

internal sealed record SpoolResponse(long Bytes, long MaxBytes, bool Behind);

internal sealed record StoreResponse(long Rows, long Bytes, int Segments, int Unsealed, long SealingFailures);
