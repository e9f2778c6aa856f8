using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Collector.Storage.Sqlite.TextIndex;

/// <summary>Where sequences of four folded bytes have their bits.</summary>
internal static class TextPlaces
{
    /// <summary>Version of what follows: the length of a sequence, its place, and the folding of ASCII.</summary>
    public const int Format = 1;

    /// <summary>Bytes of a sequence.</summary>
    public const int SequenceLength = 4;

    /// <summary>
    /// Places: of 256 rows with 400 bytes of text a block has one in fourteen of them. So many blocks are read in vain for
    /// a word of four letters, one sequence; for one of five letters it is one in 200.
    /// </summary>
    public const int Count = 1 << Bits;

    private const int Bits = 16;

    /// <summary>The place of a sequence, whose bytes are those of a little-endian number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Of(uint sequence) => (sequence * 2_654_435_769) >> (32 - Bits);

    /// <summary>The places of all sequences in a text, in order; null where it is too short, or no text at all.</summary>
    public static uint[]? Of(string text)
    {
        if (!IsWhole(text))
        {
            return null;
        }

        var utf8 = Encoding.UTF8.GetBytes(text);
        // A letter may be longer when it is folded: by half at most, and there is room for one more.
        var folded = new byte[(utf8.Length * 2) + 4];
        var (_, length) = TextFolding.Fold(utf8, folded);
        if (length < SequenceLength)
        {
            return null;
        }

        var places = new SortedSet<uint>();
        for (var i = 0; i <= length - SequenceLength; i++)
        {
            places.Add(Of(BinaryPrimitives.ReadUInt32LittleEndian(folded.AsSpan(i))));
        }

        return [.. places];
    }

    // Half of a surrogate pair is found in the whole of it, which has other bytes.
    private static bool IsWhole(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out _, out var consumed) != OperationStatus.Done)
            {
                return false;
            }

            text = text[consumed..];
        }

        return true;
    }
}
