using Collector.Model;
using Collector.Protobuf;
using Collector.Receive.Rows;

namespace Collector.Receive.Otlp;

/// <summary>Writes AnyValues as JSON: secrets left out, broken text repaired, deep nesting cut.</summary>
internal sealed class ValueWriter(RowBatch batch, SecretNames secrets, JsonText json, Notes notes)
{
    private static ReadOnlySpan<byte> Redacted => "\"REDACTED\""u8;

    /// <summary>The value did not fit <see cref="JsonText.Limit"/>; what stands there is cut short.</summary>
    public bool Overflowed { get; private set; }

    /// <summary>Writes one value; false if it did not fit, and then the caller takes back what stands there.</summary>
    public bool Write(AnyValue value, Secrecy secrecy, in Place place)
    {
        Overflowed = false;
        Write(value, secrecy, place, 1);
        Overflowed |= json.RoomLeft < 0;
        return !Overflowed;
    }

    /// <summary>Writes a number or a truth value as plain text.</summary>
    public void Bare(in AnyValue value)
    {
        switch (value.Kind)
        {
            case ValueKind.Bool: json.Raw(value.AsBool ? "true"u8 : "false"u8); break;
            case ValueKind.Integer: json.Number(value.AsInteger); break;
            case ValueKind.Real: json.BareNumber(value.AsReal); break;
        }
    }

    private void Write(in AnyValue value, Secrecy secrecy, in Place place, int depth)
    {
        notes.Relay(place, value.Note);
        switch (value.Kind)
        {
            case ValueKind.Text or ValueKind.Bytes when secrecy == Secrecy.Secret:
                json.Raw(Redacted);
                break;
            case ValueKind.Text or ValueKind.Bytes when value.Content.Length > json.RoomLeft:
                Overflowed = true;
                break;
            case ValueKind.Text:
                if (!json.String(batch.Text(value.Content)))
                {
                    notes.Add(place, Notes.Repaired);
                }

                break;
            case ValueKind.Bytes:
                json.Base64(batch.Text(value.Content));
                break;
            case ValueKind.Bool or ValueKind.Integer:
                Bare(value);
                break;
            case ValueKind.Real:
                json.Number(value.AsReal);
                break;
            case ValueKind.Array:
                Array(value.Content, secrecy, place, depth);
                break;
            case ValueKind.Map:
                Map(value.Content, secrecy, place, depth);
                break;
            default:
                json.Raw("null"u8);
                break;
        }
    }

    private void Array(Slice members, Secrecy secrecy, in Place place, int depth)
    {
        json.Raw((byte)'[');
        for (var reader = new WireReader(batch.Body.Written, members); reader.Next() && Fits();)
        {
            if (reader.Field == Field.Members)
            {
                json.Comma();
                Nested(reader.Payload, secrecy, place, depth + 1);
            }
            else if (reader.IsNote)
            {
                notes.Relay(place, reader.Payload);
            }
        }

        json.Raw((byte)']');
    }

    // A name that stands twice in a nested map is written twice: valid JSON, and nothing is lost.
    private void Map(Slice members, Secrecy secrecy, in Place place, int depth)
    {
        json.Raw((byte)'{');
        var body = batch.Body.Written;
        for (var reader = new WireReader(body, members); reader.Next() && Fits();)
        {
            if (reader.Field != Field.Members)
            {
                notes.Relay(place, reader.IsNote ? reader.Payload : default);
                continue;
            }

            Slice key = default, value = default, note = default;
            for (var member = new WireReader(body, reader.Payload); member.Next();)
            {
                switch (member.Field)
                {
                    case Field.KeyValueKey: key = member.Payload; break;
                    case Field.KeyValueValue: value = member.Payload; break;
                    case Field.Note when member.IsNote: note = member.Payload; break;
                }
            }

            notes.Relay(place, note);
            Member(key, value, secrecy, place, depth);
        }

        json.Raw((byte)'}');
    }

    private void Member(Slice key, Slice value, Secrecy secrecy, in Place place, int depth)
    {
        var name = batch.Text(key);
        if (name.Length > json.RoomLeft)
        {
            Overflowed = true;
            return;
        }

        if (!json.Key(name))
        {
            notes.Add(place, Notes.Repaired);
        }

        var isSecret = secrecy == Secrecy.Headers && secrets.IsSecretHeader(name);
        Nested(value, isSecret ? Secrecy.Secret : secrets.Of(name), place, depth + 1);
    }

    private void Nested(Slice value, Secrecy secrecy, in Place place, int depth)
    {
        if (depth > OtlpSchema.MaxValueDepth)
        {
            json.Raw("\"(nested deeper than 64)\""u8);
            notes.Add(place, "nested deeper than 64, cut");
            return;
        }

        Write(AnyValue.Read(batch.Body.Written, value), secrecy, place, depth);
    }

    private bool Fits()
    {
        Overflowed |= json.RoomLeft < 0;
        return !Overflowed;
    }
}
