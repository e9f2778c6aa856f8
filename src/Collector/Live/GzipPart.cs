using System.Buffers.Binary;
using System.IO.Compression;

namespace Collector.Live;

/// <summary>
/// A part of a gzip stream (RFC 1952) that may follow any other: whole blocks, which end with a byte and refer to nothing
/// before them. So one compression serves many streams, each of which began at another place.
/// </summary>
/// <param name="Blocks">The compressed bytes.</param>
/// <param name="Sum">Checksum and length of what they hold.</param>
internal readonly record struct GzipPart(ReadOnlyMemory<byte> Blocks, GzipSum Sum)
{
    // A stored block's head: its kind, then its length and the complement of that, two bytes each.
    private const int StoredHead = 5;

    // Below it compressing saves less than it costs.
    private const int Small = 256;

    /// <summary>Bytes as a part of any gzip stream.</summary>
    public static GzipPart Of(ReadOnlySpan<byte> plain) => plain.Length < Small ? Store(plain) : Compress(plain);

    private static GzipPart Compress(ReadOnlySpan<byte> plain)
    {
        var blocks = new MemoryStream();
        using var deflate = new DeflateStream(blocks, CompressionLevel.Fastest, leaveOpen: true);
        deflate.Write(plain);
        deflate.Flush();
        // Taken before the stream's end is written, which is not this part's.
        return new GzipPart(blocks.ToArray(), GzipSum.Of(plain));
    }

    private static GzipPart Store(ReadOnlySpan<byte> plain)
    {
        var block = new byte[StoredHead + plain.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(block.AsSpan(1), (ushort)plain.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(block.AsSpan(3), (ushort)~plain.Length);
        plain.CopyTo(block.AsSpan(StoredHead));
        return new GzipPart(block, GzipSum.Of(plain));
    }
}
