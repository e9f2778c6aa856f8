using Collector.Model;
using Collector.Receive.Rows;

namespace Collector.Receive.Otlp;

/// <summary>
/// Writes the JSON object that keeps what has no column. One stands open at a time; <see cref="JsonText.Limit"/> bounds
/// it: a text that does not fit is cut, any other value becomes null, and the notes say so.
/// </summary>
internal sealed class ContextWriter(RowBatch batch, SecretNames secrets, JsonText json, Notes notes, ValueWriter values)
{
    // An escaped byte takes up to six.
    private const int WorstEscape = 6;

    // Room for a short value, so that not every name is followed by null.
    private const int SmallestMember = 16;

    /// <summary>Opens the object; what is returned is for <see cref="End"/>.</summary>
    public int Begin()
    {
        var start = json.Length;
        json.Raw((byte)'{');
        return start;
    }

    /// <summary>Adds the notes and closes the object; one without members is no object at all.</summary>
    public Slice End(int start)
    {
        notes.Write(json);
        if (json.Length == start + 1)
        {
            json.Truncate(start);
            return default;
        }

        json.Raw((byte)'}');
        return json.SliceSince(start);
    }

    public void Attributes(AttributeList list, string section)
    {
        if (list.Count == 0)
        {
            return;
        }

        var leftOut = list.LeftOut;
        json.Name("\"attributes\":{"u8);
        foreach (ref readonly var item in list.Items)
        {
            if (!item.IsRepeat && !TryMember(item, new Place(section, item.Key)))
            {
                leftOut++;
            }
        }

        json.Raw((byte)'}');
        if (list.HasRepeats)
        {
            leftOut += Repeats(list, section);
        }

        if (leftOut > 0)
        {
            notes.Add(section, $"{leftOut} left out, row too long");
        }
    }

    public void Text(ReadOnlySpan<byte> quotedName, Slice text, string place)
    {
        if (!text.IsEmpty)
        {
            json.Name(quotedName);
            CutText(batch.Text(text), new Place(place));
        }
    }

    public void Number(ReadOnlySpan<byte> quotedName, ulong value)
    {
        if (value != 0)
        {
            json.Name(quotedName);
            json.Number(value);
        }
    }

    public void Number(ReadOnlySpan<byte> quotedName, long value)
    {
        if (value != 0)
        {
            json.Name(quotedName);
            json.Number(value);
        }
    }

    public void Timestamp(ReadOnlySpan<byte> quotedName, ulong nanos)
    {
        if (nanos != 0)
        {
            json.Name(quotedName);
            json.Timestamp(nanos);
        }
    }

    /// <summary>Bytes as hex.</summary>
    public void Hex(ReadOnlySpan<byte> quotedName, Slice bytes)
    {
        if (!bytes.IsEmpty)
        {
            json.Name(quotedName);
            json.Raw((byte)'"');
            json.Hex(batch.Text(bytes));
            json.Raw((byte)'"');
        }
    }

    /// <summary>Keeps a log's body: JSON that was built before, or the text of a template.</summary>
    public void Body(Slice body)
    {
        if (!body.IsBuilt)
        {
            Text("\"body\":"u8, body, "body");
            return;
        }

        json.Name("\"body\":"u8);
        if (body.Length <= json.RoomLeft)
        {
            json.Copy(body);
            return;
        }

        json.Raw("null"u8);
        notes.Add("body", "left out, row too long");
    }

    private int Repeats(AttributeList list, string section)
    {
        var leftOut = 0;
        json.Name("\"repeated_attributes\":["u8);
        foreach (ref readonly var item in list.Items)
        {
            if (!item.IsRepeat)
            {
                continue;
            }

            var place = new Place(section, item.Key);
            var name = batch.Text(item.Key);
            if (name.Length + (2 * SmallestMember) > json.RoomLeft)
            {
                leftOut++;
                continue;
            }

            json.Name("{\"key\":"u8);
            NoteIfRepaired(json.String(name), place);
            json.Raw(",\"value\":"u8);
            Value(item, name, place);
            json.Raw((byte)'}');
        }

        json.Raw((byte)']');
        return leftOut;
    }

    private bool TryMember(in Attribute item, in Place place)
    {
        var name = batch.Text(item.Key);
        if (name.Length + SmallestMember > json.RoomLeft)
        {
            return false;
        }

        NoteIfRepaired(json.Key(name), place);
        Value(item, name, place);
        return true;
    }

    private void Value(in Attribute item, ReadOnlySpan<byte> name, in Place place)
    {
        notes.Relay(place, item.Note);
        var start = json.Length;
        var value = AnyValue.Read(batch.Body.Written, item.Value);
        if (values.Write(value, secrets.Of(name), place))
        {
            return;
        }

        json.Truncate(start);
        if (value.Kind == ValueKind.Text)
        {
            CutText(batch.Text(value.Content), place);
            return;
        }

        json.Raw("null"u8);
        notes.Add(place, "left out, row too long");
    }

    private void CutText(ReadOnlySpan<byte> text, in Place place)
    {
        var start = json.Length;
        var room = Math.Max(0, json.RoomLeft - 2);
        var length = Utf8Text.Cut(text, room);
        var valid = json.String(text[..length]);
        if (json.RoomLeft < 0)
        {
            json.Truncate(start);
            length = Utf8Text.Cut(text, room / WorstEscape);
            valid = json.String(text[..length]);
        }

        NoteIfRepaired(valid, place);
        if (length < text.Length)
        {
            notes.Add(place, $"cut to {length} of {text.Length} bytes, row too long");
        }
    }

    private void NoteIfRepaired(bool valid, in Place place)
    {
        if (!valid)
        {
            notes.Add(place, Notes.Repaired);
        }
    }
}
