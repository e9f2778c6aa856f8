using System.Text;
using Collector.Storage.Sqlite.TextIndex;

namespace Collector.Tests.Storage.Sqlite.TextIndex;

public sealed class TextFoldingTests
{
    [Fact]
    public void Letters_that_are_alike_fold_to_one_form()
    {
        // All classes of letters that .NET calls equal, each by its first member.
        var forms = new Dictionary<string, Rune>(StringComparer.OrdinalIgnoreCase);
        var wrong = new List<string>();
        foreach (var rune in TextFolding.AllRunes())
        {
            var folded = TextFolding.Fold(rune);
            if (forms.TryGetValue(rune.ToString(), out var form) && form != folded)
            {
                wrong.Add($"U+{rune.Value:X4} folds to U+{folded.Value:X4} and one like it to U+{form.Value:X4}");
            }

            forms.TryAdd(rune.ToString(), folded);
        }

        wrong.ShouldBeEmpty();
        TextFolding.Fold(new Rune('Σ')).ShouldBe(TextFolding.Fold(new Rune('σ')));
        TextFolding.Fold(new Rune(0x10428)).ShouldBe(TextFolding.Fold(new Rune(0x10400)));
    }

    [Theory]
    [InlineData("Straße 100% İstanbul ΣΊΣΥΦΟΣ 日本語 🦓𐐨")]
    [InlineData("plain")]
    [InlineData("")]
    public void Text_folds_alike_in_one_piece_and_in_many(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        var whole = new byte[200];
        var (read, written) = TextFolding.Fold(utf8, whole);
        read.ShouldBe(utf8.Length);

        var pieces = new List<byte>();
        Span<byte> few = stackalloc byte[5];
        for (var rest = utf8.AsSpan(); !rest.IsEmpty;)
        {
            var (done, got) = TextFolding.Fold(rest, few);
            done.ShouldBePositive();
            pieces.AddRange(few[..got]);
            rest = rest[done..];
        }

        pieces.ShouldBe(whole[..written]);
    }

    [Fact]
    public void Broken_bytes_fold_to_what_a_string_makes_of_them()
    {
        byte[] broken = [(byte)'a', 0xC3, (byte)'b', 0xF0, 0x9F, (byte)'c', 0xFF];
        var folded = new byte[40];
        var (read, written) = TextFolding.Fold(broken, folded);
        read.ShouldBe(broken.Length);
        Encoding.UTF8.GetString(folded, 0, written).ShouldBe(Encoding.UTF8.GetString(broken));
    }
}
