using System.Buffers.Text;
using System.Text;

namespace Collector.Receive.Rows;

/// <summary>
/// Undoes JSON's escapes. The reader's own way throws at half a surrogate pair, which JavaScript sends wherever it cut
/// a string in the middle of an emoji.
/// </summary>
internal static class JsonEscapes
{
    private const int UnicodeEscapeLength = 6;

    /// <summary>Writes the text of a string token that has passed the reader; it never gets longer.</summary>
    /// <param name="escaped">The token.</param>
    /// <param name="target">At least as long.</param>
    /// <param name="isSound">False where half a pair was replaced.</param>
    /// <returns>Bytes written.</returns>
    public static int Undo(ReadOnlySpan<byte> escaped, Span<byte> target, out bool isSound)
    {
        isSound = true;
        var length = 0;
        while (escaped.IndexOf((byte)'\\') is >= 0 and var backslash)
        {
            escaped[..backslash].CopyTo(target[length..]);
            length += backslash;
            escaped = escaped[backslash..];
            if (escaped[1] == (byte)'u')
            {
                var rune = Unicode(ref escaped, ref isSound);
                length += rune.EncodeToUtf8(target[length..]);
                continue;
            }

            target[length++] = escaped[1] switch
            {
                (byte)'b' => (byte)'\b',
                (byte)'f' => (byte)'\f',
                (byte)'n' => (byte)'\n',
                (byte)'r' => (byte)'\r',
                (byte)'t' => (byte)'\t',
                var literal => literal,
            };
            escaped = escaped[2..];
        }

        escaped.CopyTo(target[length..]);
        return length + escaped.Length;
    }

    private static Rune Unicode(ref ReadOnlySpan<byte> escaped, ref bool isSound)
    {
        var first = CodeUnit(escaped);
        escaped = escaped[UnicodeEscapeLength..];
        if (Rune.TryCreate(first, out var rune))
        {
            return rune;
        }

        if (escaped.StartsWith("\\u"u8) && Rune.TryCreate(first, CodeUnit(escaped), out rune))
        {
            escaped = escaped[UnicodeEscapeLength..];
            return rune;
        }

        isSound = false;
        return Rune.ReplacementChar;
    }

    private static char CodeUnit(ReadOnlySpan<byte> escaped) =>
        Utf8Parser.TryParse(escaped[2..UnicodeEscapeLength], out uint unit, out _, 'x') ? (char)unit : '\uFFFD';
}
