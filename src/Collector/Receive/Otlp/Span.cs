using Collector.Model;
using Collector.Protobuf;
using Collector.Receive.Rows;

namespace Collector.Receive.Otlp;

/// <summary>The fields of a Span; its attributes are in the <see cref="AttributeList"/>.</summary>
internal struct Span
{
    public const int KindServer = 2;
    public const int KindConsumer = 5;

    public const int KindClient = 3;

    private const int StatusOk = 1;
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

    public readonly bool IsServer => Kind is KindServer or KindConsumer;

    /// <summary>What it says of its end by itself.</summary>
    public readonly OutcomeFacts Facts => new()
    {
        Failed = IsError ? true : StatusCode == StatusOk ? false : null,
        IsClient = Kind == KindClient,
        IsServer = IsServer,
        Threw = Exceptions > 0,
    };
}

/// <summary>The fields of a span's event.</summary>
internal struct SpanEvent
{
    public ulong Time;
    public Slice Name;
    public uint DroppedAttributes;

    /// <summary>By its name or, whatever it is called, by its attributes.</summary>
    public bool IsException;

    public static SpanEvent Read(RowBatch batch, FieldNames names, Slice message)
    {
        SpanEvent read = default;
        var body = batch.Body.Written;
        for (var reader = new WireReader(body, message); reader.Next();)
        {
            switch (reader.Field)
            {
                case Field.EventTime: read.Time = reader.Number; break;
                case Field.EventName: read.Name = reader.Payload; break;
                case Field.EventAttributes: read.IsException |= IsOfException(names, batch.Text(AttributeList.Read(body, reader.Payload).Key)); break;
                case Field.EventDroppedAttributes: read.DroppedAttributes = (uint)reader.Number; break;
            }
        }

        read.IsException |= batch.Text(read.Name).SequenceEqual("exception"u8);
        return read;
    }

    // All of these begin with the same letter: an event is read for them more than once.
    private static bool IsOfException(FieldNames names, ReadOnlySpan<byte> key) =>
        !key.IsEmpty && (key[0] | 0x20) == 'e' && names.Of(key) is { Meaning: Meaning.ExceptionType or Meaning.ExceptionMessage or Meaning.ExceptionStack };

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
