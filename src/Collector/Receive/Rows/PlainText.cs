using Collector.Model;

namespace Collector.Receive.Rows;

/// <summary>Takes out of a message what would keep it from being found, or should not be.</summary>
internal static class PlainText
{
    private const byte Escape = 0x1B;

    /// <summary>The text without the codes that colour a terminal; the slice itself where there are none.</summary>
    public static Slice WithoutColours(RowBatch batch, Slice text)
    {
        if (!batch.Text(text).Contains(Escape))
        {
            return text;
        }

        var room = batch.Built.GetSpan(text.Length);
        if (room.Length < text.Length)
        {
            return default;
        }

        var start = batch.Built.Length;
        var length = 0;
        var rest = batch.Text(text);
        while (rest.IndexOf(Escape) is >= 0 and var at)
        {
            rest[..at].CopyTo(room[length..]);
            length += at;
            rest = rest[(at + SequenceLength(rest[at..]))..];
        }

        rest.CopyTo(room[length..]);
        batch.Built.Advance(length + rest.Length);
        return Slice.OfBuilt(start, length + rest.Length);
    }

    /// <summary>The text with every occurrence of a secret replaced.</summary>
    public static Slice Without(RowBatch batch, Slice text, ReadOnlySpan<byte> secret)
    {
        var found = batch.Text(text).Count(secret);
        if (found == 0)
        {
            return text;
        }

        ReadOnlySpan<byte> redacted = "REDACTED"u8;
        var room = batch.Built.GetSpan(text.Length + (found * redacted.Length));
        if (room.IsEmpty)
        {
            return default;
        }

        var start = batch.Built.Length;
        var length = 0;
        var rest = batch.Text(text);
        while (rest.IndexOf(secret) is >= 0 and var at)
        {
            rest[..at].CopyTo(room[length..]);
            redacted.CopyTo(room[(length + at)..]);
            length += at + redacted.Length;
            rest = rest[(at + secret.Length)..];
        }

        rest.CopyTo(room[length..]);
        batch.Built.Advance(length + rest.Length);
        return Slice.OfBuilt(start, length + rest.Length);
    }

    // ESC [ parameters, then one byte of ASCII; of other sequences only the first byte. Source: ECMA-48.
    private static int SequenceLength(ReadOnlySpan<byte> text)
    {
        if (text.Length < 2 || text[1] != '[')
        {
            return Math.Min(text.Length, 1);
        }

        var end = 2;
        while (end < text.Length && text[end] is >= 0x20 and < 0x40)
        {
            end++;
        }

        return end < text.Length && text[end] is >= 0x40 and < 0x7F ? end + 1 : end;
    }
}
