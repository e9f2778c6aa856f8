using System.Buffers;
using System.Globalization;
using System.Text;
using Collector.Model;

namespace Collector.Receive.Rows;

/// <summary>
/// Appends JSON to a batch's built text. Commas come by themselves: one is due unless an object or array has just been
/// opened, and since a string ends with its quote, the last byte tells.
/// </summary>
internal sealed class JsonText(ByteBuffer target)
{
    private static readonly SearchValues<byte> _plain = SearchValues.Create(
        [.. Enumerable.Range(0x20, 0x60).Select(value => (byte)value).Except("\"\\"u8.ToArray())]);

    private static readonly SearchValues<byte> _escaped = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(value => (byte)value), (byte)'"', (byte)'\\']);

    public int Length => target.Length;

    /// <summary>Position in the built text behind which values do not fit their row.</summary>
    public int Limit { get; set; } = int.MaxValue;

    public int RoomLeft => Limit - target.Length;

    public ReadOnlySpan<byte> Since(int start) => target.Written[start..];

    public Slice SliceSince(int start) => Slice.OfBuilt(start, target.Length - start);

    public void Truncate(int length) => target.Truncate(length);

    public void Raw(ReadOnlySpan<byte> json) => target.Append(json);

    public void Raw(byte json) => target.Append(json);

    /// <summary>Appends text that was built before.</summary>
    public void Copy(Slice built)
    {
        var room = target.GetSpan(built.Length);
        if (built.Length <= room.Length)
        {
            target.Written.Slice(built.Offset, built.Length).CopyTo(room);
            target.Advance(built.Length);
        }
    }

    public void Comma()
    {
        var room = target.GetSpan(1);
        if (!room.IsEmpty)
        {
            target.Advance(PutComma(room));
        }
    }

    /// <summary>Begins a member; <paramref name="quoted"/> holds the quotes and the colon.</summary>
    public void Name(ReadOnlySpan<byte> quoted)
    {
        var room = target.GetSpan(quoted.Length + 1);
        if (!room.IsEmpty)
        {
            var comma = PutComma(room);
            quoted.CopyTo(room[comma..]);
            target.Advance(comma + quoted.Length);
        }
    }

    /// <summary>Begins a member whose name is data; false where it had to be repaired.</summary>
    public bool Key(ReadOnlySpan<byte> name)
    {
        var room = target.GetSpan(name.Length + 4);
        if (room.IsEmpty || name.ContainsAnyExcept(_plain))
        {
            Comma();
            var valid = String(name);
            Raw((byte)':');
            return valid;
        }

        // Most names are plain: one step for all of it.
        var length = PutComma(room);
        room[length++] = (byte)'"';
        name.CopyTo(room[length..]);
        length += name.Length;
        room[length++] = (byte)'"';
        room[length++] = (byte)':';
        target.Advance(length);
        return true;
    }

    /// <summary>False where the text is not UTF-8 and had to be repaired.</summary>
    public bool String(ReadOnlySpan<byte> text)
    {
        var room = target.GetSpan(text.Length + 2);
        if (room.IsEmpty)
        {
            return true;
        }

        if (text.ContainsAnyExcept(_plain))
        {
            return SlowString(text);
        }

        room[0] = (byte)'"';
        text.CopyTo(room[1..]);
        room[text.Length + 1] = (byte)'"';
        target.Advance(text.Length + 2);
        return true;
    }

    /// <summary>A part of a string, whose quotes the caller writes; false where it had to be repaired.</summary>
    public bool Part(ReadOnlySpan<byte> text)
    {
        var valid = Utf8Text.IsValid(text);
        while (text.Length > 0)
        {
            var plain = valid ? text.IndexOfAny(_escaped) : text.IndexOfAnyExcept(_plain);
            plain = plain < 0 ? text.Length : plain;
            Raw(text[..plain]);
            text = text[plain..];
            if (text.Length > 0)
            {
                text = text[OddCharacter(text)..];
            }
        }

        return valid;
    }

    public void Number(long value) => Formatted(value);

    public void Number(ulong value) => Formatted(value);

    /// <summary>The shortest digits that read back as the same double, always recognisable as one.</summary>
    public void Number(double value)
    {
        if (double.IsFinite(value))
        {
            BareNumber(value);
            return;
        }

        Raw((byte)'"');
        BareNumber(value);
        Raw((byte)'"');
    }

    /// <summary>The same without quotes around what JSON has no number for.</summary>
    public void BareNumber(double value)
    {
        if (!double.IsFinite(value))
        {
            Raw(double.IsNaN(value) ? "NaN"u8 : value > 0 ? "Infinity"u8 : "-Infinity"u8);
            return;
        }

        var start = target.Length;
        Formatted(value);
        if (!target.Written[start..].ContainsAny((byte)'.', (byte)'E'))
        {
            Raw(".0"u8);
        }
    }

    public void Base64(ReadOnlySpan<byte> bytes)
    {
        Raw((byte)'"');
        BareBase64(bytes);
        Raw((byte)'"');
    }

    public void BareBase64(ReadOnlySpan<byte> bytes)
    {
        var room = target.GetSpan(System.Buffers.Text.Base64.GetMaxEncodedToUtf8Length(bytes.Length));
        if (System.Buffers.Text.Base64.EncodeToUtf8(bytes, room, out _, out var written) == OperationStatus.Done)
        {
            target.Advance(written);
        }
    }

    public void Hex(ReadOnlySpan<byte> bytes)
    {
        if (Convert.TryToHexStringLower(bytes, target.GetSpan(bytes.Length * 2), out var written))
        {
            target.Advance(written);
        }
    }

    public void Timestamp(ulong nanos)
    {
        Raw((byte)'"');
        var room = target.GetSpan(Timestamps.TextLength);
        if (!room.IsEmpty)
        {
            Timestamps.Write(nanos, room);
            target.Advance(Timestamps.TextLength);
        }

        Raw((byte)'"');
    }

    private int PutComma(Span<byte> room)
    {
        room[0] = (byte)',';
        return target.Length > 0 && target.Written[^1] is not ((byte)'{' or (byte)'[') ? 1 : 0;
    }

    private void Formatted<T>(T value) where T : IUtf8SpanFormattable
    {
        // 32 bytes hold every 64-bit integer and the shortest form of every double.
        if (value.TryFormat(target.GetSpan(32), out var written, default, CultureInfo.InvariantCulture))
        {
            target.Advance(written);
        }
    }

    private bool SlowString(ReadOnlySpan<byte> text)
    {
        Raw((byte)'"');
        var valid = Part(text);
        Raw((byte)'"');
        return valid;
    }

    // Writes the character in front and returns how many bytes it took up.
    private int OddCharacter(ReadOnlySpan<byte> text)
    {
        var first = text[0];
        if (first >= 0x80)
        {
            var valid = Rune.DecodeFromUtf8(text, out _, out var used) == OperationStatus.Done;
            Raw(valid ? text[..used] : Utf8Text.Replacement);
            return used;
        }

        switch (first)
        {
            case (byte)'"': Raw("\\\""u8); break;
            case (byte)'\\': Raw("\\\\"u8); break;
            case (byte)'\n': Raw("\\n"u8); break;
            case (byte)'\r': Raw("\\r"u8); break;
            case (byte)'\t': Raw("\\t"u8); break;
            default:
                Raw(first < 0x10 ? "\\u000"u8 : "\\u001"u8);
                Raw("0123456789abcdef"u8[first & 0xF]);
                break;
        }

        return 1;
    }
}
