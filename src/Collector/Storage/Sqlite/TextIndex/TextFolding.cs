using System.Text;

namespace Collector.Storage.Sqlite.TextIndex;

/// <summary>
/// Brings letters that are alike without regard to upper and lower case to one form, letter by letter. Whatever
/// <see cref="StringComparison.OrdinalIgnoreCase"/> calls equal is equal afterwards; some that it tells apart may be, too.
/// </summary>
internal static class TextFolding
{
    private const int FirstSurrogate = 0xD800;
    private const int EndOfBasicPlane = 0x1_0000;
    private const int EndOfCasedPlane = 0x2_0000;

    // Made only where text is more than ASCII: 128 KiB, so that a letter costs a look and not a call of the system.
    private static readonly Lazy<char[]> _upper = new(static () =>
    {
        var all = new char[EndOfBasicPlane];
        for (var i = 0; i < all.Length; i++)
        {
            all[i] = char.ToUpperInvariant((char)i);
        }

        return all;
    });

    private static readonly Lazy<long> _fingerprint = new(static () =>
    {
        var hash = 14_695_981_039_346_656_037UL;
        foreach (var rune in AllRunes())
        {
            hash = (hash ^ (uint)Fold(rune).Value) * 1_099_511_628_211UL;
        }

        return (long)hash;
    });

    /// <summary>
    /// Tells one folding from another. Letters get their other case with new versions of Unicode: what was folded before
    /// then can't be compared with what is folded after. ASCII never changes.
    /// </summary>
    public static long Fingerprint => _fingerprint.Value;

    /// <summary>Every letter that may have another case.</summary>
    public static IEnumerable<Rune> AllRunes() =>
        Enumerable.Range(0, EndOfCasedPlane).Where(Rune.IsValid).Select(static value => new Rune(value));

    /// <summary>
    /// Folds UTF-8 from its beginning, as far as there is room; broken bytes become U+FFFD, as they do in a string.
    /// </summary>
    /// <param name="text">What is folded.</param>
    /// <param name="into">At least 4 bytes.</param>
    /// <returns>Bytes of the text that are done, and bytes that were written.</returns>
    public static (int Read, int Written) Fold(ReadOnlySpan<byte> text, Span<byte> into)
    {
        var (read, written) = (0, 0);
        while (true)
        {
            // Stops at the first byte that is not ASCII, and where there is no more room.
            Ascii.ToLower(text[read..], into[written..], out var ascii);
            read += ascii;
            written += ascii;
            if (read == text.Length || into.Length - written < 4)
            {
                return (read, written);
            }

            Rune.DecodeFromUtf8(text[read..], out var rune, out var consumed);
            read += consumed;
            written += Fold(rune).EncodeToUtf8(into[written..]);
        }
    }

    /// <summary>One form of the letter.</summary>
    public static Rune Fold(Rune rune)
    {
        if (rune.Value >= EndOfBasicPlane)
        {
            return Rune.ToUpperInvariant(rune);
        }

        // ASCII goes to lower case, since a whole span of it does so at once.
        var upper = _upper.Value[rune.Value];
        return upper < 0x80 ? new Rune(char.ToLowerInvariant(upper))
            : upper is >= (char)FirstSurrogate and < '\uE000' ? rune
            : new Rune(upper);
    }
}
