using Collector.Model;
using Collector.Protobuf;

namespace Collector.Receive.Otlp;

internal enum ValueKind : byte
{
    Empty,
    Text,
    Bool,
    Integer,
    Real,
    Array,
    Map,
    Bytes,
}

/// <summary>An OTLP AnyValue, one level of it: what it is and where its content stands.</summary>
internal readonly struct AnyValue
{
    private AnyValue(ValueKind kind, ulong bits, Slice content, Slice message)
    {
        Kind = kind;
        Bits = bits;
        Content = content;
        Message = message;
    }

    public ValueKind Kind { get; }

    private ulong Bits { get; }

    /// <summary>Of text and bytes the bytes, of arrays and maps the message that holds the members.</summary>
    public Slice Content { get; }

    /// <summary>Where the value's own message stands, for <see cref="Rows.Notes.Relay"/>.</summary>
    public Slice Message { get; }

    public bool AsBool => Bits != 0;

    public long AsInteger => (long)Bits;

    public double AsReal => BitConverter.UInt64BitsToDouble(Bits);

    public static AnyValue Read(ReadOnlySpan<byte> body, Slice message)
    {
        var kind = ValueKind.Empty;
        var bits = 0UL;
        Slice content = default;
        for (var reader = new WireReader(body, message); reader.Next();)
        {
            if (reader.Field is >= Field.ValueString and <= Field.ValueBytes)
            {
                // Field numbers 1 to 7 are the kinds in order; where several stand, the last one counts.
                kind = (ValueKind)reader.Field;
                bits = reader.Number;
                content = reader.Payload;
            }
        }

        return new AnyValue(kind, bits, content, message);
    }
}
