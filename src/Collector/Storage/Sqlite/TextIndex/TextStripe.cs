using System.Buffers.Binary;
using System.Numerics;

namespace Collector.Storage.Sqlite.TextIndex;

/// <summary>
/// Up to 128 blocks on their way to the file: their bits by place, 1 MiB. A block's bits are turned in one go when it is
/// full, since setting them here row by row would miss the cache at every byte of text.
/// </summary>
internal sealed class TextStripe
{
    /// <summary>Blocks of a full stripe.</summary>
    public const int Blocks = 128;

    /// <summary>Bytes of a place's slice: a bit for each block.</summary>
    public const int SliceLength = Blocks / 8;

    /// <summary>Places that are kept together; a question reads one group for a sequence.</summary>
    public const int PlacesInGroup = 64;

    public const int Groups = TextPlaces.Count / PlacesInGroup;

    /// <summary>Bytes of a block's entry: how many rowids it takes, smallest and largest time.</summary>
    public const int EntryLength = 20;

    private readonly byte[] _slices = new byte[TextPlaces.Count * SliceLength];
    private readonly byte[] _entries = new byte[Blocks * EntryLength];
    private readonly byte[] _group = new byte[sizeof(ulong) + (PlacesInGroup * SliceLength)];

    public int Count { get; private set; }

    public bool IsFull => Count == Blocks;

    /// <summary>The blocks' entries, as <c>tail_text_stripes.blocks</c> holds them.</summary>
    public ReadOnlySpan<byte> Entries => _entries.AsSpan(0, Count * EntryLength);

    /// <param name="block">It is complete.</param>
    /// <param name="rowids">How many it takes, the holes before it included.</param>
    public void Add(TextBlock block, int rowids)
    {
        var (at, bit) = (Count / 8, (byte)(1 << (Count % 8)));
        var bits = block.Bits;
        for (var word = 0; word < bits.Length; word++)
        {
            for (var left = bits[word]; left != 0; left &= left - 1)
            {
                var place = (word * 64) + BitOperations.TrailingZeroCount(left);
                _slices[(place * SliceLength) + at] |= bit;
            }
        }

        var entry = _entries.AsSpan(Count * EntryLength, EntryLength);
        BinaryPrimitives.WriteInt32LittleEndian(entry, rowids);
        BinaryPrimitives.WriteUInt64LittleEndian(entry[4..], block.FirstTimestamp);
        BinaryPrimitives.WriteUInt64LittleEndian(entry[12..], block.LastTimestamp);
        Count++;
    }

    /// <summary>A group as <c>tail_text_slices.slices</c> holds it; empty where no block has any of its places.</summary>
    public ReadOnlySpan<byte> Group(int number)
    {
        var slices = _slices.AsSpan(number * PlacesInGroup * SliceLength, PlacesInGroup * SliceLength);
        var present = 0UL;
        var end = sizeof(ulong);
        for (var place = 0; place < PlacesInGroup; place++)
        {
            var slice = slices.Slice(place * SliceLength, SliceLength);
            if (slice.ContainsAnyExcept((byte)0))
            {
                present |= 1UL << place;
                slice.CopyTo(_group.AsSpan(end));
                end += SliceLength;
            }
        }

        BinaryPrimitives.WriteUInt64LittleEndian(_group, present);
        return present == 0 ? default : _group.AsSpan(0, end);
    }

    /// <summary>The slice of a place, out of its group: a bit for each block that may have it.</summary>
    public static UInt128 SliceOf(ReadOnlySpan<byte> group, uint place)
    {
        var bit = 1UL << (int)(place % PlacesInGroup);
        var present = group.Length < sizeof(ulong) ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(group);
        return (present & bit) == 0
            ? UInt128.Zero
            : BinaryPrimitives.ReadUInt128LittleEndian(
                group[(sizeof(ulong) + (BitOperations.PopCount(present & (bit - 1)) * SliceLength))..]);
    }

    public void Clear()
    {
        Array.Clear(_slices);
        Count = 0;
    }
}
