using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Collector.Model;

namespace Collector.Receive.Rows;

/// <summary>Cuts and repairs UTF-8.</summary>
internal static class Utf8Text
{
    public static ReadOnlySpan<byte> Replacement => "\uFFFD"u8;

    /// <summary>A length of at most <paramref name="limit"/> at which a cut splits no character.</summary>
    public static int Cut(ReadOnlySpan<byte> text, int limit)
    {
        if (text.Length <= limit)
        {
            return text.Length;
        }

        // A character has at most three continuation bytes; more of them are broken text, cut anywhere.
        var length = Math.Max(limit, 0);
        for (var steps = 0; steps < 3 && length > 0 && (text[length] & 0xC0) == 0x80; steps++)
        {
            length--;
        }

        return length;
    }

    public static bool IsValid(ReadOnlySpan<byte> text) => Utf8.IsValid(text);

    /// <summary>A column's text: valid and without NUL, at which readers written in C would stop.</summary>
    public static bool IsClean(ReadOnlySpan<byte> text) => !text.Contains((byte)0) && Utf8.IsValid(text);

    /// <summary>The slice itself if it is clean, else a repaired copy.</summary>
    public static Slice Clean(RowBatch batch, Slice slice)
    {
        if (slice.IsBuilt || IsClean(batch.Text(slice)))
        {
            return slice;
        }

        var start = batch.Built.Length;
        AppendClean(batch.Built, batch.Text(slice));
        return Slice.OfBuilt(start, batch.Built.Length - start);
    }

    /// <summary>Appends text from elsewhere; broken characters and NULs become U+FFFD.</summary>
    public static void AppendClean(ByteBuffer target, ReadOnlySpan<byte> text)
    {
        if (IsClean(text))
        {
            target.Append(text);
            return;
        }

        while (text.Length > 0)
        {
            var valid = Rune.DecodeFromUtf8(text, out var rune, out var used) == OperationStatus.Done;
            target.Append(valid && rune.Value != 0 ? text[..used] : Replacement);
            text = text[used..];
        }
    }
}
