using Collector.Model;

namespace Collector.Receive.Rows;

/// <summary>
/// Writes the JSON object that keeps what has no column. One stands open at a time; <see cref="JsonText.Limit"/> bounds
/// it: a text of ours that does not fit is cut, any other value becomes null, and the notes say so.
/// </summary>
internal sealed class ContextWriter(RowBatch batch, SecretNames secrets, JsonText json, Notes notes)
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
        if (UrlSecrets.Without(json.Since(start), secrets) is { } clean)
        {
            json.Truncate(start);
            json.Raw(clean);
        }

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

    /// <summary>A text as far as it fits; a note says what was cut.</summary>
    public void CutText(ReadOnlySpan<byte> text, in Place place)
    {
        var start = json.Length;
        var room = Math.Max(0, json.RoomLeft - 2);
        var whole = text.Length;
        var length = Utf8Text.Cut(text, room);
        if (EmbeddedSecrets.MayHave(text) && EmbeddedSecrets.Without(text[..length], secrets) is { } clean)
        {
            text = clean;
            length = Utf8Text.Cut(text, room);
        }

        var valid = json.String(text[..length]);
        if (json.RoomLeft < 0)
        {
            json.Truncate(start);
            length = Utf8Text.Cut(text, room / WorstEscape);
            valid = json.String(text[..length]);
        }

        NoteIfRepaired(valid, place);
        if (length < whole && whole > room)
        {
            notes.Add(place, $"cut to {length} of {whole} bytes, row too long");
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
