using System.Text;
using System.Text.Encodings.Web;

namespace Collector.Model;

/// <summary>
/// A text that is looked for without regard to upper and lower case, as it is and as JSON writes it. ASCII is
/// compared byte by byte; other letters as .NET folds them.
/// </summary>
internal sealed class TextNeedle
{
    // Letters as English has them; digits and signs are as frequent in logs as the first.
    private static ReadOnlySpan<byte> FromFrequentToRare => "etaoinsrhldcumfpgwybvkxjqz"u8;

    private readonly string _text;
    private readonly string _escaped;
    private readonly byte[] _utf8;
    private readonly byte[] _escapedUtf8;
    private readonly int _rarest;
    private readonly int _rarestEscaped;
    private readonly bool _isAscii;

    public TextNeedle(string text)
    {
        _text = text;
        _escaped = InJson(text);
        _utf8 = Encoding.UTF8.GetBytes(text);
        _escapedUtf8 = Encoding.UTF8.GetBytes(_escaped);
        _rarest = RarestOf(_utf8);
        _rarestEscaped = RarestOf(_escapedUtf8);
        _isAscii = Ascii.IsValid(text) && Ascii.IsValid(_escaped);
    }

    /// <summary>The text as JSON writes it within a string.</summary>
    public static string InJson(string text) => JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text);

    public bool IsIn(ReadOnlySpan<byte> utf8) => _isAscii ? Find(utf8, _utf8, _rarest) : Fold(utf8, _text);

    public bool IsInJson(ReadOnlySpan<byte> utf8) => _isAscii ? Find(utf8, _escapedUtf8, _rarestEscaped) : Fold(utf8, _escaped);

    private static bool Find(ReadOnlySpan<byte> text, ReadOnlySpan<byte> needle, int rarest)
    {
        var (lower, upper) = (ToLower(needle[rarest]), ToUpper(needle[rarest]));
        while (text.Length >= needle.Length)
        {
            var at = text.Slice(rarest, text.Length - needle.Length + 1).IndexOfAny(lower, upper);
            if (at < 0)
            {
                return false;
            }

            if (Ascii.EqualsIgnoreCase(text.Slice(at, needle.Length), needle))
            {
                return true;
            }

            text = text[(at + 1)..];
        }

        return false;
    }

    // Each occurrence costs a comparison: a search for "order" by its d takes half the time.
    private static int RarestOf(ReadOnlySpan<byte> needle)
    {
        var (rarest, best) = (0, -1);
        for (var i = 0; i < needle.Length; i++)
        {
            var rank = FromFrequentToRare.IndexOf(ToLower(needle[i]));
            if (rank > best)
            {
                (rarest, best) = (i, rank);
            }
        }

        return rarest;
    }

    private static bool Fold(ReadOnlySpan<byte> text, string needle) =>
        !text.IsEmpty && Encoding.UTF8.GetString(text).Contains(needle, StringComparison.OrdinalIgnoreCase);

    private static byte ToLower(byte letter) => letter is >= (byte)'A' and <= (byte)'Z' ? (byte)(letter | 0x20) : letter;

    private static byte ToUpper(byte letter) => letter is >= (byte)'a' and <= (byte)'z' ? (byte)(letter & ~0x20) : letter;
}
