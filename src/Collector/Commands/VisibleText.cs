using System.Globalization;
using System.Text;

namespace Collector.Commands;

/// <summary>
/// Text of unknown origin for a terminal: what the terminal would obey (escape sequences, line feeds, reversed writing)
/// or not show comes as an escape of printable characters.
/// </summary>
internal static class VisibleText
{
    public static string Of(string text)
    {
        if (text.EnumerateRunes().All(IsPlain))
        {
            return text;
        }

        var visible = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsPlain(rune))
            {
                visible.Append(rune.ToString());
            }
            else
            {
                visible.Append(Escape(rune));
            }
        }

        return visible.ToString();
    }

    // Format characters reverse or hide text; separators of lines and paragraphs break it.
    private static bool IsPlain(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
        or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);

    private static string Escape(Rune rune) => rune.Value switch
    {
        '\n' => @"\n",
        '\r' => @"\r",
        '\t' => @"\t",
        <= 0xFF => string.Create(CultureInfo.InvariantCulture, $@"\x{rune.Value:x2}"),
        _ => string.Create(CultureInfo.InvariantCulture, $@"\u{{{rune.Value:x}}}"),
    };
}
