using System.Text;
using Collector.Model;

namespace Collector.Tests.Support;

/// <summary>A stored row in plain strings; null where the column is empty.</summary>
internal sealed record ReadRow(
    Position Position, string LogId, string Worker, string? RequestId, string Correlation, string Level,
    string? Message, string? Context, string Timestamp, string CreatedAt, string Kind, string? Trace, string? Span, string? ParentSpan,
    string? Outcome, string? Resource, long? CpuMs, double? WallMs);

/// <summary>Keeps what it is given.</summary>
internal sealed class CollectingSink : IRowSink
{
    public List<ReadRow> Rows { get; } = [];

    /// <summary>Called with each row, after it was kept.</summary>
    public Action? OnRow { get; init; }

    /// <summary>Says "enough" after this many rows.</summary>
    public int Max { get; init; } = int.MaxValue;

    public bool Accept(in StoredRow row)
    {
        Rows.Add(new ReadRow(
            row.Position, Text(row.LogId)!, Text(row.WorkerName)!, Text(row.RequestId), Text(row.CorrelationId)!,
            Text(row.LogLevel)!, Text(row.Message), Text(row.ContextJson), Text(row.Timestamp)!, Text(row.CreatedAt)!,
            Text(row.Kind)!, Text(row.TraceId), Text(row.SpanId), Text(row.ParentSpanId), Text(row.Outcome),
            Text(row.ResourceJson), row.ExecutionTimeMs, row.WallTimeMs));
        OnRow?.Invoke();
        return Rows.Count < Max;
    }

    private static string? Text(ReadOnlySpan<byte> utf8) => utf8.IsEmpty ? null : Encoding.UTF8.GetString(utf8);
}
