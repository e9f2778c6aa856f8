namespace Collector.Model;

/// <summary>One row as the store holds it: UTF-8 where the column is text, empty where it is NULL.</summary>
internal ref struct StoredRow
{
    public Position Position;
    public ReadOnlySpan<byte> LogId;
    public ReadOnlySpan<byte> WorkerName;
    public ReadOnlySpan<byte> RequestId;
    public ReadOnlySpan<byte> CorrelationId;
    public ReadOnlySpan<byte> LogLevel;
    public ReadOnlySpan<byte> Message;
    public ReadOnlySpan<byte> ContextJson;
    public ReadOnlySpan<byte> Timestamp;
    public ReadOnlySpan<byte> CreatedAt;
    public ReadOnlySpan<byte> Kind;
    public ReadOnlySpan<byte> TraceId;
    public ReadOnlySpan<byte> SpanId;
    public ReadOnlySpan<byte> ParentSpanId;
    public ReadOnlySpan<byte> Outcome;
    public ReadOnlySpan<byte> ResourceJson;
    public long? ExecutionTimeMs;
    public double? WallTimeMs;
}
