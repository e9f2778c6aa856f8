namespace Collector.Model;

/// <summary>The four levels of <c>tail_logs.log_level</c>, in order of badness.</summary>
internal enum Level : byte
{
    Debug,
    Info,
    Warn,
    Error,
}

/// <summary>What a row is about; <c>tail_logs.kind</c>.</summary>
internal enum Kind : byte
{
    Log,
    Exception,
    Request,
    Span,
}

/// <summary>
/// One row of <c>tail_logs</c> on its way to the disk: slices of its <see cref="RowBatch"/> and numbers. The log id is
/// not here: it is the batch's first id plus the row's index.
/// </summary>
internal struct Row
{
    /// <summary>Never empty.</summary>
    public Slice Worker;

    public Slice RequestId;

    /// <summary>Never empty.</summary>
    public Slice CorrelationId;

    public Slice Message;

    /// <summary>One JSON object, or empty.</summary>
    public Slice Context;

    public Slice Outcome;

    /// <summary>Zero where absent.</summary>
    public UInt128 TraceId;

    /// <summary>Zero where absent.</summary>
    public ulong SpanId;

    /// <summary>Zero where absent.</summary>
    public ulong ParentSpanId;

    /// <summary>The event's own time in nanoseconds since 1970.</summary>
    public ulong TimestampNanos;

    /// <summary>CPU time in milliseconds.</summary>
    public long? ExecutionTimeMs;

    /// <summary>Duration in milliseconds; finite, not negative.</summary>
    public double? WallTimeMs;

    /// <summary>Index into <see cref="RowBatch.Resources"/>, or -1.</summary>
    public int Resource;

    public Level Level;

    public Kind Kind;
}
