using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Collector.Storage.Sqlite.TextIndex;

/// <summary>The block that is being filled: which places its text has, and how far its rows reach in time.</summary>
internal sealed class TextBlock(int maxRows)
{
    // Where text is random, as keys and tokens are, a block of fewer rows keeps its filter worth reading.
    private const int MaxPlaces = TextPlaces.Count / 4;
    private const int BytesBetweenCounts = 32 * 1024;
    private const int FoldedLength = 16 * 1024;

    private readonly ulong[] _bits = new ulong[TextPlaces.Count / 64];
    private readonly byte[] _folded = new byte[FoldedLength];
    private int _bytesSinceCount;
    private bool _isCrowded;

    public int Rows { get; private set; }

    public ulong FirstTimestamp { get; private set; } = ulong.MaxValue;

    public ulong LastTimestamp { get; private set; }

    public bool IsFull => Rows >= maxRows || _isCrowded;

    public ReadOnlySpan<ulong> Bits => _bits;

    public void Add(ReadOnlySpan<byte> message, ReadOnlySpan<byte> context, ulong nanos)
    {
        Add(message);
        Add(context);
        Rows++;
        FirstTimestamp = Math.Min(FirstTimestamp, nanos);
        LastTimestamp = Math.Max(LastTimestamp, nanos);
        _bytesSinceCount += message.Length + context.Length;
        if (_bytesSinceCount >= BytesBetweenCounts)
        {
            _bytesSinceCount = 0;
            _isCrowded = CountPlaces() > MaxPlaces;
        }
    }

    public void Clear()
    {
        Array.Clear(_bits);
        (Rows, _bytesSinceCount, _isCrowded) = (0, 0, false);
        (FirstTimestamp, LastTimestamp) = (ulong.MaxValue, 0);
    }

    private void Add(ReadOnlySpan<byte> text)
    {
        // The last bytes of a piece begin the next one, so that no sequence is lost between the two.
        const int Overlap = TextPlaces.SequenceLength - 1;
        var kept = 0;
        while (!text.IsEmpty)
        {
            var (read, written) = TextFolding.Fold(text, _folded.AsSpan(kept));
            text = text[read..];
            var length = kept + written;
            Mark(_folded.AsSpan(0, length));
            kept = Math.Min(Overlap, length);
            _folded.AsSpan(length - kept, kept).CopyTo(_folded);
        }
    }

    private void Mark(ReadOnlySpan<byte> folded)
    {
        // Eight bytes hold the beginnings of five sequences: one load instead of five.
        const int InEight = sizeof(ulong) - TextPlaces.SequenceLength + 1;
        ref var bits = ref MemoryMarshal.GetArrayDataReference(_bits);
        for (; folded.Length >= sizeof(ulong); folded = folded[InEight..])
        {
            var eight = BinaryPrimitives.ReadUInt64LittleEndian(folded);
            Mark(ref bits, (uint)eight);
            Mark(ref bits, (uint)(eight >> 8));
            Mark(ref bits, (uint)(eight >> 16));
            Mark(ref bits, (uint)(eight >> 24));
            Mark(ref bits, (uint)(eight >> 32));
        }

        for (; folded.Length >= TextPlaces.SequenceLength; folded = folded[1..])
        {
            Mark(ref bits, BinaryPrimitives.ReadUInt32LittleEndian(folded));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Mark(ref ulong bits, uint sequence)
    {
        // In bounds: a place is below Count. Checked accesses cost a third more.
        var place = TextPlaces.Of(sequence);
        Unsafe.Add(ref bits, place >> 6) |= 1UL << (int)place;
    }

    private int CountPlaces()
    {
        var count = 0;
        foreach (var word in _bits)
        {
            count += BitOperations.PopCount(word);
        }

        return count;
    }
}
