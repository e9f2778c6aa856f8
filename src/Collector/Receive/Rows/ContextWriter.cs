using Collector.Model;

namespace Collector.Receive.Rows;

/// <summary>
/// Writes the JSON object that keeps what has no column. One stands open at a time; <see cref="JsonText.Limit"/> bounds
/// it: a text of ours that does not fit is cut, any other value becomes null, and the notes say so.
/// </summary>
internal sealed class ContextWriter(RowBatch batch, Redactor redactor, JsonText json, Notes notes)
{
    /// <summary>The note about a value that is not in the row.</summary>
    public const string TooLong = "left out, row too long";

    /// <summary>Room for a short value, so that not every name is followed by null.</summary>
    public const int SmallestMember = 16;

    // An escaped byte takes up to six.
    private const int WorstEscape = 6;

    /// <summary>Opens the object; what is returned is for <see cref="End"/>.</summary>
    public int Begin()
    {
        var start = json.Length;
        json.Raw((byte)'{');
        return start;
    }

    /// <summary>Adds the notes and closes the object; it does not write an object without members.</summary>
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

    /// <summary>Begins a member that the producer names; false where there is no room for it.</summary>
    public bool TryName(ReadOnlySpan<byte> name, in Place place)
    {
        if (name.Length + SmallestMember > json.RoomLeft)
        {
            return false;
        }

        NoteIfRepaired(json.Key(name), place);
        return true;
    }

    /// <summary>Stands for a value of so many bytes that does not fit.</summary>
    public void LeaveOut(in Place place, int bytes)
    {
        json.Raw("null"u8);
        notes.Add(place, $"{bytes} bytes {TooLong}");
    }

    public void Text(ReadOnlySpan<byte> quotedName, Slice text, string place)
    {
        if (!text.IsEmpty)
        {
            json.Name(quotedName);
            if (text.IsBuilt)
            {
                // It stands where it is copied to, and must not move meanwhile.
                _ = batch.Built.GetSpan((WorstEscape * Math.Min(text.Length, Math.Max(0, json.RoomLeft))) + WorstEscape);
            }

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

    /// <summary>Keeps a log's body: JSON that was built of it, or its text.</summary>
    public void Body(Slice text, Slice line)
    {
        if (line.IsEmpty)
        {
            Text("\"body\":"u8, text, "body");
            return;
        }

        json.Name("\"body\":"u8);
        if (line.Length <= json.RoomLeft)
        {
            json.Copy(line);
            return;
        }

        LeaveOut(new Place("body"), line.Length);
    }

    /// <summary>What is true is written.</summary>
    public void Flag(ReadOnlySpan<byte> quotedName, bool isSet)
    {
        if (isSet)
        {
            json.Name(quotedName);
            json.Raw("true"u8);
        }
    }

    /// <summary>Tells apart what the four levels don't, unless the record's number does.</summary>
    public void Grade(Grade grade, Grade ofNumber)
    {
        if (grade is Rows.Grade.Trace or Rows.Grade.Fatal && grade != ofNumber)
        {
            json.Name(grade == Rows.Grade.Trace ? "\"severity\":\"trace\""u8 : "\"severity\":\"fatal\""u8);
        }
    }

    /// <summary>A text as far as it fits, without its secrets; a note says what was cut.</summary>
    public void CutText(ReadOnlySpan<byte> text, in Place place)
    {
        var start = json.Length;
        var room = Math.Max(0, json.RoomLeft - 2);
        var valid = redactor.String(text, room, out var length);
        if (json.RoomLeft < 0)
        {
            json.Truncate(start);
            valid = redactor.String(text, room / WorstEscape, out length);
        }

        NoteIfRepaired(valid, place);
        if (length < text.Length)
        {
            notes.Add(place, $"cut to {length} of {text.Length} bytes, row too long");
        }
    }

    public void NoteIfRepaired(bool valid, in Place place)
    {
        if (!valid)
        {
            notes.Add(place, Notes.Repaired);
        }
    }
}
