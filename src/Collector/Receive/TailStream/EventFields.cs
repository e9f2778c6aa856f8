using Collector.Model;
using Collector.Protobuf;

namespace Collector.Receive.TailStream;

/// <summary>The fields of a TailEvent; its own messages are not read yet.</summary>
internal struct EventFields
{
    public Slice StreamId;
    public ulong Sequence;
    public Slice Worker;
    public Slice RequestId;
    public Slice CorrelationId;
    public ulong TimeNanos;

    /// <summary>Which of the fields that say what happened is set: its number, or 0.</summary>
    public int Kind;

    public Slice Content;

    /// <summary>The event has passed <see cref="WireCheck"/>.</summary>
    public static EventFields Read(ReadOnlySpan<byte> body, Slice message)
    {
        EventFields read = default;
        for (var reader = new WireReader(body, message); reader.Next();)
        {
            switch (reader.Field)
            {
                case TailSchema.EventStreamId: read.StreamId = reader.Payload; break;
                case TailSchema.EventSequence: read.Sequence = reader.Number; break;
                case TailSchema.EventWorker: read.Worker = reader.Payload; break;
                case TailSchema.EventRequestId: read.RequestId = reader.Payload; break;
                case TailSchema.EventCorrelationId: read.CorrelationId = reader.Payload; break;
                case TailSchema.EventTime: read.TimeNanos = reader.Number; break;
                case >= TailSchema.EventLog and <= TailSchema.EventTiming:
                    // The last one of a choice counts.
                    read.Kind = reader.Field;
                    read.Content = reader.Payload;
                    break;
            }
        }

        return read;
    }
}
