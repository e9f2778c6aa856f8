using System.Buffers.Binary;

namespace Collector.Pipeline.Spool;

/// <summary>Finds the way on in a file where an entry's length can't be trusted.</summary>
internal static class SpoolTail
{
    // Bytes of which the checksum is taken: whoever may write messages could make every byte look like an entry's head.
    private const long MaxChecked = 1L << 32;

    /// <summary>Where the next whole entry begins, behind the first byte; -1 where there is none.</summary>
    public static int NextEntry(ReadOnlySpan<byte> tail)
    {
        var left = MaxChecked;
        for (var at = 1; at + SpoolFile.EntryHeadLength < tail.Length; at++)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(tail[at..]);
            var rest = tail[(at + SpoolFile.EntryHeadLength)..];
            if (length <= 0 || length > rest.Length || !BatchCodec.IsAsLongAsItSays(rest[..length]))
            {
                continue;
            }

            left -= length;
            if (left < 0)
            {
                return -1;
            }

            if (Crc32C.Of(rest[..length]) == BinaryPrimitives.ReadUInt32LittleEndian(tail[(at + sizeof(int))..]))
            {
                return at;
            }
        }

        return -1;
    }
}
