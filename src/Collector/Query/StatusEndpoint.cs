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
    AcknowledgementResponse Acknowledgement, WriterResponse Writer, SpoolResponse Spool, StoreResponse Store,
    AccessResponse Access)
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
            new StoreResponse(store.Rows, store.Bytes, store.Segments, store.Unsealed, store.SealingFailures),
            AccessResponse.Of(status.Access));
    }

    private static double? Milliseconds(TimeSpan? duration) =>
        duration is { } value ? Math.Round(value.TotalMilliseconds, Decimals) : null;
}

internal sealed record QueueResponse(int Entries, int Capacity, long Bytes, long MaxBytes);

internal sealed record AcknowledgementResponse(long Count, double? P50Ms, double? P99Ms);

internal sealed record WriterResponse(bool Alive, bool StoreFailing, string? Failure, double? BusyMs, long Retries);

internal sealed record SpoolResponse(long Bytes, long MaxBytes, bool Behind);

internal sealed record StoreResponse(long Rows, long Bytes, int Segments, int Unsealed, long SealingFailures);

/// <param name="Send"><c>open</c> to anybody on this machine, or <c>key</c>.</param>
/// <param name="Read">Likewise.</param>
/// <param name="Keys">Those in force, without their secrets.</param>
internal sealed record AccessResponse(string Send, string Read, IReadOnlyList<KeyResponse> Keys)
{
    public static AccessResponse Of(AccessStatus access) => new(
        Word(access.IsSendingOpen), Word(access.IsReadingOpen),
        [
            .. access.Keys.Select(static key => new KeyResponse(
                key.Name, key.Rights.Split(','), key.Services, Text(key.Expires), key.Uses, Text(key.LastUsed))),
        ]);

    private static string Word(bool isOpen) => isOpen ? "open" : "key";

    private static string? Text(DateTimeOffset? time) => time is { } value ? Timestamps.ToText(Timestamps.ToNanos(value)) : null;
}

internal sealed record KeyResponse(
    string Name, IReadOnlyList<string> Rights, IReadOnlyList<string> Services, string? ExpiresAt, long Uses, string? LastUsedAt);
