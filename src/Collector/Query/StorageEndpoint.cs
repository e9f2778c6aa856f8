using Collector.Model;
using Collector.Storage;

namespace Collector.Query;

/// <summary><c>GET /api/storage</c>: the segments, what they take, what can't be read of them, and what retention deleted by which rule.</summary>
internal static class StorageEndpoint
{
    public static RequestDelegate Create(ILogRetainer retainer, RetentionOptions rules) =>
        ApiEndpoint.Create(() => StorageResponse.Of(retainer.Report(), rules));
}

internal sealed record StorageResponse(
    IReadOnlyList<SegmentResponse> Segments, long Rows, long Bytes, long SpoolBytes, string? Oldest, double MaxAgeSeconds, long MaxBytes,
    long DiskFreeBytes, long DiskFloorBytes, AsideReport SetAside, RetentionResponse Retention, IReadOnlyList<UnreadableResponse> Unreadable)
{
    public static StorageResponse Of(StorageReport report, RetentionOptions rules) => new(
        [.. report.Segments.Select(SegmentResponse.Of)], report.Rows, report.Bytes, report.OtherBytes,
        Text(report.Segments.Min(static segment => segment.FirstArrival)), rules.MaxAge.TotalSeconds, report.Space.MaxBytes,
        report.Space.FreeBytes, report.Space.FloorBytes, report.Aside, RetentionResponse.Of(report.Retention),
        [.. report.Unreadable.Select(UnreadableResponse.Of)]);

    public static string? Text(ulong? nanos) => nanos is { } time ? Timestamps.ToText(time) : null;
}

internal sealed record SegmentResponse(
    string Name, string State, long Rows, long Bytes, string? FirstTimestamp, string? LastTimestamp, string? FirstArrival, string? LastArrival)
{
    public static SegmentResponse Of(SegmentReport segment) => new(
        segment.Name, segment.State, segment.Rows, segment.Bytes,
        StorageResponse.Text(segment.FirstTimestamp), StorageResponse.Text(segment.LastTimestamp),
        StorageResponse.Text(segment.FirstArrival), StorageResponse.Text(segment.LastArrival));
}

internal sealed record UnreadableResponse(string Name, string Reason, string Error, string From, string To, long Rows, string FoundAt)
{
    public static UnreadableResponse Of(UnreadableReport file) => new(
        file.Name, file.Reason, file.Error, Timestamps.ToText(file.From), Timestamps.ToText(file.To), file.Rows, Timestamps.ToText(file.FoundAt));
}

internal sealed record RetentionResponse(
    string? LastPassAt, string? PausedUntil, RemovedTotal Removed, RemovedTotal RemovedEarly, IReadOnlyList<RemovedResponse> Recent)
{
    public static RetentionResponse Of(RetentionReport retention) => new(
        StorageResponse.Text(retention.LastPassAt), StorageResponse.Text(retention.PausedUntil), retention.Removed, retention.RemovedEarly,
        [.. retention.Recent.Select(RemovedResponse.Of)]);
}

internal sealed record RemovedResponse(
    string Name, long Rows, long Bytes, string? FirstArrival, string? LastArrival, string Rule, string? RemovedAt)
{
    public static RemovedResponse Of(RemovedSegment removed)
    {
        var segment = removed.Segment;
        return new RemovedResponse(
            segment.Name, segment.Rows, segment.Bytes, StorageResponse.Text(segment.FirstArrival), StorageResponse.Text(segment.LastArrival),
            removed.Rule, StorageResponse.Text(removed.RemovedAt));
    }
}
