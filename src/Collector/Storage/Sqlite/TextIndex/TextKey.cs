using System.Text;
using Collector.Model;

namespace Collector.Storage.Sqlite.TextIndex;

/// <summary>A text that is searched for, as the places that a block must have to hold it.</summary>
internal sealed class TextKey
{
    // Each costs a read a stripe. Sorted by a hash, the first ones are as good as any others, and so many rule out all
    // that any number would.
    private const int MaxPlaces = 24;

    private readonly uint[] _plain;
    private readonly uint[] _inJson;

    private TextKey(string text, uint[] plain, uint[] inJson)
    {
        IsAscii = Ascii.IsValid(text);
        _plain = plain[..Math.Min(plain.Length, MaxPlaces)];
        _inJson = plain == inJson ? _plain : inJson[..Math.Min(inJson.Length, MaxPlaces)];
    }

    /// <summary>It does not depend on how other letters are folded.</summary>
    public bool IsAscii { get; }

    /// <summary>Null where there is no text, or one so short that every block may hold it.</summary>
    public static TextKey? TryOf(string? text)
    {
        if (text is null || TextPlaces.Of(text) is not { } plain)
        {
            return null;
        }

        var written = TextNeedle.InJson(text);
        return written == text ? new TextKey(text, plain, plain)
            : TextPlaces.Of(written) is { } inJson ? new TextKey(text, plain, inJson)
            : null;
    }

    /// <summary>The blocks, out of those in a stripe, that may hold the text in a message or in a context.</summary>
    public UInt128 Find(Func<uint, UInt128> sliceOf)
    {
        var found = Find(_plain, sliceOf);
        return ReferenceEquals(_plain, _inJson) ? found : found | Find(_inJson, sliceOf);
    }

    private static UInt128 Find(uint[] places, Func<uint, UInt128> sliceOf)
    {
        var found = UInt128.MaxValue;
        foreach (var place in places)
        {
            found &= sliceOf(place);
            if (found == UInt128.Zero)
            {
                break;
            }
        }

        return found;
    }
}
