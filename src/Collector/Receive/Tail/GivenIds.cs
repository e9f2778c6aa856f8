using Collector.Model;

namespace Collector.Receive.Tail;

/// <summary>What a protocol says of an event beside the event; empty and 0 where it does not.</summary>
internal struct GivenIds
{
    public Slice Worker;
    public Slice RequestId;
    public Slice CorrelationId;
    public ulong TimestampNanos;
}
