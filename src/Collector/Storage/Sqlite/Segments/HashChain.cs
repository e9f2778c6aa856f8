namespace Collector.Storage.Sqlite.Segments;

/// <summary>
/// Rows of one <see cref="HotBlock"/> by a 64-bit hash: the newest row of each bucket, and behind each row the one
/// before it. 4.5 bytes a row. One thread links, any may walk; a walker ignores rows that it may not see yet.
/// </summary>
internal sealed class HashChain
{
    // Four rows share one where all ids differ: their tags are told apart in nanoseconds, and a head costs two bytes.
    private const int Buckets = HotBlock.Capacity / 4;

    // Row numbers in the block plus one; zero ends a chain.
    private readonly ushort[] _heads = HotBlock.Unmoved<ushort>(Buckets);
    private readonly ushort[] _previous = HotBlock.Unmoved<ushort>(HotBlock.Capacity);

    // The hash's other end: spares reading a row from disk for each stranger in the bucket.
    private readonly ushort[] _tags = HotBlock.Unmoved<ushort>(HotBlock.Capacity);

    public void Link(int row, ulong hash)
    {
        ref var head = ref _heads[Bucket(hash)];
        _tags[row] = Tag(hash);
        _previous[row] = head;
        // A thread that sees the row as head must see its tag and its predecessor.
        Volatile.Write(ref head, (ushort)(row + 1));
    }

    /// <summary>The newest candidate before row <paramref name="below"/>, or -1.</summary>
    public int Newest(ulong hash, int below)
    {
        var row = Volatile.Read(ref _heads[Bucket(hash)]) - 1;
        while (row >= below)
        {
            row = _previous[row] - 1;
        }

        return SameTag(row, Tag(hash));
    }

    /// <summary>The next older candidate, or -1.</summary>
    public int Older(ulong hash, int row) => SameTag(_previous[row] - 1, Tag(hash));

    private int SameTag(int row, ushort tag)
    {
        while (row >= 0 && _tags[row] != tag)
        {
            row = _previous[row] - 1;
        }

        return row;
    }

    private static int Bucket(ulong hash) => (int)(hash & (Buckets - 1));

    private static ushort Tag(ulong hash) => (ushort)(hash >> 48);
}
