using System.Buffers.Text;
using System.Text;
using Collector.Model;

namespace Collector.Receive.Rows;

/// <summary>
/// Reads JSON's scalars. A text without escapes stays in its place; any other goes through a scratch buffer, which holds one
/// text at a time.
/// </summary>
internal sealed class JsonTexts(RowBatch batch, MappingContext tools, JsonTable table, ByteBuffer scratch)
{
    private const double LatestMilliseconds = 18_446_744_073_000;
    private const int MaxTime = 64;

    /// <summary>
    /// What a string says, escapes undone; valid until the next call. What stands in the built text is copied too: it may move
    /// while the caller writes.
    /// </summary>
    /// <param name="value">A string, or a part of one.</param>
    /// <param name="isSound">False where half a surrogate pair was replaced.</param>
    public ReadOnlySpan<byte> Plain(JsonValue value, out bool isSound)
    {
        isSound = true;
        var text = batch.Text(value.Text);
        if (!value.Text.IsBuilt && !value.IsEscaped)
        {
            return text;
        }

        scratch.Truncate(0);
        var room = scratch.GetSpan(text.Length);
        if (room.Length < text.Length)
        {
            return default;
        }

        if (value.IsEscaped)
        {
            scratch.Advance(JsonEscapes.Undo(text, room, out isSound));
        }
        else
        {
            scratch.Append(text);
        }

        return scratch.Written;
    }

    /// <summary>The object that a value is, or that a string is the text of; else a missing one.</summary>
    public JsonValue Structured(JsonValue value)
    {
        // The first and last byte rule out most texts: to find out that a text is not JSON costs an exception.
        var text = batch.Text(value.Text);
        if (!value.IsString || text.Length < 2 || text[0] != (byte)'{' || LastOf(text) != (byte)'}')
        {
            return value.IsObject ? value : default;
        }

        if (table.TryEmbedded(value, out var known))
        {
            return known;
        }

        var built = tools.Built(Plain(value, out _));
        if (!table.TryRead(built, out var structured))
        {
            batch.Built.Truncate(built.Offset);
        }

        return table.Embed(value, structured);
    }

    // Behind a line within a line stands its end, mostly as an escape.
    private static byte LastOf(ReadOnlySpan<byte> text)
    {
        while (text.EndsWith("\\n"u8) || text.EndsWith("\\r"u8))
        {
            text = text[..^2];
        }

        text = text.TrimEnd(" \r\n\t"u8);
        return text.IsEmpty ? (byte)0 : text[^1];
    }

    /// <summary>Text for a column: what a string or a number says, at most <paramref name="room"/> bytes and clean.
    /// </summary>
    /// <returns>Empty where it is neither; then a note says so, unless there is nothing.</returns>
    public Slice Column(JsonValue value, int room, string place)
    {
        if (value.IsPresent && !value.IsString)
        {
            tools.Notes.Add(place, $"{value.KindName} instead of a string");
        }

        return value.IsString && (value.IsEscaped || value.Text.IsBuilt) ? Copy(value, room, place)
            : value.IsString || value.IsNumber ? tools.Text(value.Text, room, new Place(place))
            : default;
    }

    /// <summary>An id for a column: what a string or a number says; a double that is a whole number, as forwarders make them, without
    /// its fraction.</summary>
    public Slice Id(JsonValue value, string place)
    {
        if (!value.IsNumber)
        {
            return Column(value, MappingContext.MaxIdBytes, place);
        }

        var text = batch.Text(value.Text);
        return tools.Text(text.EndsWith(".0"u8) ? value.Text.Part(0, text.Length - 2) : value.Text, MappingContext.MaxIdBytes, new Place(place));
    }

    /// <summary>A number, or a string that holds one (which is noted); null where it is neither, or not finite.</summary>
    public double? Number(JsonValue value, string place)
    {
        if (!value.IsPresent)
        {
            return null;
        }

        var text = batch.Text(value.Text);
        double? number = (value.IsNumber || value.IsString) && Utf8Parser.TryParse(text, out double parsed, out var used)
            && used == text.Length && double.IsFinite(parsed) ? parsed : null;
        if (number is null || value.IsString)
        {
            tools.Notes.Add(place, value.IsNumber ? "out of range" : $"{value.KindName} instead of a number");
        }

        return number;
    }

    /// <summary>Milliseconds since 1970, or the text of a time; null where it is neither.</summary>
    public ulong? Time(JsonValue value, string place)
    {
        if (value.IsString && TryText(value, out var nanos))
        {
            tools.Notes.Remark(place, "text instead of milliseconds");
            return nanos;
        }

        if (Number(value, place) is not { } number)
        {
            return null;
        }

        if (number is <= 0 or >= LatestMilliseconds)
        {
            tools.Notes.Add(place, "out of range");
            return null;
        }

        // Whole milliseconds first: a double of nanoseconds would be a few hundred off.
        var whole = Math.Floor(number);
        return ((ulong)whole * 1_000_000) + (ulong)((number - whole) * 1_000_000);
    }

    private Slice Copy(JsonValue value, int room, string place)
    {
        var text = Plain(value, out var isSound);
        var length = Utf8Text.Cut(text, room);
        if (length < text.Length)
        {
            tools.Notes.Add(place, $"cut to {length} of {text.Length} bytes, row too long");
        }

        if (!isSound || !Utf8Text.IsClean(text[..length]))
        {
            tools.Notes.Add(place, "broken or NUL characters replaced");
        }

        var start = batch.Built.Length;
        Utf8Text.AppendClean(batch.Built, text[..length]);
        return Slice.OfBuilt(start, batch.Built.Length - start);
    }

    private bool TryText(JsonValue value, out ulong nanos)
    {
        nanos = 0;
        var text = batch.Text(value.Text);
        Span<char> characters = stackalloc char[MaxTime];
        return text.Length <= MaxTime && text.Contains((byte)'-')
            && Encoding.UTF8.TryGetChars(text, characters, out var length)
            && Timestamps.TryParse(characters[..length], out nanos);
    }
}
