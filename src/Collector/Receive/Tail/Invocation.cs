using Collector.Model;

namespace Collector.Receive.Tail;

/// <summary>What all rows of one invocation share.</summary>
internal struct Invocation
{
    public Slice Worker;
    public Slice RequestId;
    public Slice CorrelationId;
    public Slice Outcome;
    public UInt128 TraceId;

    /// <summary>The caller's span, from the request's traceparent.</summary>
    public ulong ParentSpanId;

    public ulong TimestampNanos;
    public int Resource;

    public readonly Row Row(Kind kind, Level level) => new()
    {
        Worker = Worker,
        RequestId = RequestId,
        CorrelationId = CorrelationId,
        TraceId = TraceId,
        ParentSpanId = ParentSpanId,
        TimestampNanos = TimestampNanos,
        Resource = Resource,
        Kind = kind,
        Level = level,
    };
}
