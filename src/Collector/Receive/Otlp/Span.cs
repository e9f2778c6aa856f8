using Collector.Model;
using Collector.Protobuf;
using Collector.Receive.Rows;

namespace Collector.Receive.Otlp;

/// <summary>The fields of a Span; its attributes are in the <see cref="AttributeList"/>.</summary>
internal struct Span
{
    public const int KindServer = 2;
    public const int KindConsumer = 5;

    private const int StatusError = 2;

    public Slice TraceId;
    public Slice SpanId;
    public Slice TraceState;
    public Slice ParentSpanId;
    public Slice Name;
    public int Kind;
    public ulong Start;
    public ulong End;
    public uint DroppedAttributes;
    public int Events;
    public int Exceptions;
    public uint DroppedEvents;
    public int Links;
    public uint DroppedLinks;
    public Slice StatusMessage;
    public int StatusCode;
    public uint Flags;

    public readonly bool IsError => StatusCode == StatusError;
}

/// <summary>The fields of a span's event.</summary>
internal struct SpanEvent
{
    public ulong Time;
    public Slice Name;
    public uint DroppedAttributes;

    public readonly bool IsException(RowBatch batch) => batch.Text(Name).SequenceEqual("exception"u8);

    public static SpanEvent Read(RowBatch batch, Slice message)
    {
        SpanEvent read = default;
        for (var reader = new WireReader(batch.Body.Written, message); reader.Next();)
        {
            switch (reader.Field)
            {
                case Field.EventTime: read.Time = reader.Number; break;
                case Field.EventName: read.Name = reader.Payload; break;
                case Field.EventDroppedAttributes: read.DroppedAttributes = (uint)reader.Number; break;
            }
        }

        return read;
    }

    public static void ReadAttributes(RowBatch batch, Slice message, OtlpContext tools)
    {
        tools.Attributes.Clear();
        tools.Notes.Relay(new Place("event"), message);
        var body = batch.Body.Written;
        for (var reader = new WireReader(body, message); reader.Next();)
        {
            if (reader.Field == Field.EventAttributes)
            {
                tools.Attributes.Add(body, reader.Payload);
            }
        }
    }
}
