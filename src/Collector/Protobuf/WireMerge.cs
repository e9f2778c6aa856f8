using Collector.Model;

namespace Collector.Protobuf;

/// <summary>
/// Rewrites a request in which a message that may stand once stands several times. Protobuf merges such occurrences,
/// which is the same as putting their bytes one behind the other. No client known does this; doing it beforehand
/// keeps it out of the mapping. The request has passed <see cref="WireCheck"/>; values that stayed closed there are copied
/// as they are, since nobody has looked at their bytes.
/// </summary>
internal readonly ref struct WireMerge(ReadOnlySpan<byte> body, ByteBuffer target)
{
    private readonly ReadOnlySpan<byte> _body = body;
    private readonly WireWriter _out = new(target);

    public void Rewrite(MessageType type) => Write(type, [Slice.OfBody(0, _body.Length)], 0);

    // The parts are one message. Recursion ends with the schema or, for values, at its greatest depth.
    private void Write(MessageType type, List<Slice> parts, int valueDepth)
    {
        valueDepth += type == MessageType.Value ? 1 : 0;
        if (type == MessageType.Value)
        {
            parts = LastChoice(parts);
        }

        var merged = 0u;
        foreach (var part in parts)
        {
            for (var reader = new WireReader(_body, part); reader.Next();)
            {
                var spec = OtlpSchema.Find(type, (uint)reader.Field);
                if (spec is not { Kind: FieldKind.Message } || !OtlpSchema.CanOpen(spec.Child, valueDepth))
                {
                    Copy(ref reader);
                    continue;
                }

                var bit = spec.IsSingularMessage ? 1u << spec.Number : 0;
                if ((merged & bit) == 0)
                {
                    var begin = _out.Begin(spec.Number);
                    Write(spec.Child, bit == 0 ? [reader.Payload] : AllOf(parts, spec.Number), valueDepth);
                    _out.End(begin);
                }

                merged |= bit;
            }
        }
    }

    private void Copy(ref WireReader reader)
    {
        switch (reader.Type)
        {
            case WireType.Varint: _out.Varint(reader.Field, reader.Number); break;
            case WireType.Fixed64: _out.Fixed64(reader.Field, reader.Number); break;
            case WireType.Fixed32: _out.Fixed32(reader.Field, (uint)reader.Number); break;
            default: _out.Bytes(reader.Field, reader.PayloadBytes); break;
        }
    }

    private List<Slice> AllOf(List<Slice> parts, int field)
    {
        var found = new List<Slice>();
        foreach (var part in parts)
        {
            for (var reader = new WireReader(_body, part); reader.Next();)
            {
                if (reader.Field == field)
                {
                    found.Add(reader.Payload);
                }
            }
        }

        return found;
    }

    // A value is a choice: setting one member clears the others, so that only what follows the last change counts.
    private List<Slice> LastChoice(List<Slice> parts)
    {
        var kept = new List<Slice>();
        var chosen = 0;
        foreach (var part in parts)
        {
            var from = part.Offset;
            var position = part.Offset;
            for (var reader = new WireReader(_body, part); reader.Next(); position = reader.Position)
            {
                if (reader.Field is >= Field.ValueString and <= Field.ValueBytes && reader.Field != chosen)
                {
                    kept.Clear();
                    chosen = reader.Field;
                    from = position;
                }
            }

            kept.Add(Slice.OfBody(from, part.Offset + part.Length - from));
        }

        return kept;
    }
}
