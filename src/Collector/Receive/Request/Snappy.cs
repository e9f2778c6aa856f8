using System.Buffers.Binary;
using System.IO.Compression;
using Snappier;
using Block = Snappier.Snappy;

namespace Collector.Receive.Request;

/// <summary>
/// Two forms that bear one name: framed, which gRPC and older forwarders send, and one raw block. The library says nothing
/// of data that is cut between two chunks or goes on behind a block, so both are walked first. Source:
/// github.com/google/snappy, format_description.txt and framing_format.txt.
/// </summary>
internal static class Snappy
{
    private const int ChunkHeader = 4;

    // As a raw block these would be 895 bytes, beginning with a NUL.
    private static ReadOnlySpan<byte> FramedBegin => [0xFF, 6, 0, 0, (byte)'s', (byte)'N', (byte)'a', (byte)'P', (byte)'p', (byte)'Y'];

    public static ReceiveResult Inflate(ReadOnlyMemory<byte> compressed, Inflation into) =>
        compressed.Span.StartsWith(FramedBegin) ? InflateChunks(compressed, into) : InflateBlock(compressed, into);

    private static ReceiveResult InflateChunks(ReadOnlyMemory<byte> compressed, Inflation into)
    {
        if (!AreWholeChunks(compressed.Span))
        {
            return ReceiveResult.BadData("the snappy data is damaged: its last chunk is cut short");
        }

        using var source = new CompressedStream(compressed);
        using var plain = new SnappyStream(source, CompressionMode.Decompress);
        return into.CopyFrom(plain);
    }

    // A block says its length, which is held against its parts before any memory is taken.
    private static ReceiveResult InflateBlock(ReadOnlyMemory<byte> compressed, Inflation into)
    {
        var claimed = Block.GetUncompressedLength(compressed.Span);
        return LengthOf(compressed.Span) != claimed
            ? ReceiveResult.BadData($"the snappy data is damaged: it does not hold the {claimed} bytes that it claims")
            : into.Fill(claimed, free => Block.Decompress(compressed.Span, free.Span));
    }

    // A kind, and three bytes of length.
    private static bool AreWholeChunks(ReadOnlySpan<byte> chunks)
    {
        while (chunks.Length >= ChunkHeader)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(chunks) >>> 8;
            if (length > chunks.Length - ChunkHeader)
            {
                return false;
            }

            chunks = chunks[(ChunkHeader + length)..];
        }

        return chunks.IsEmpty;
    }

    // Adds up what the parts of a block make; null where the last one is cut short.
    private static long? LengthOf(ReadOnlySpan<byte> block)
    {
        long made = 0;
        long at = block.IndexOfAnyInRange((byte)0, (byte)0x7F) + 1;
        while (at < block.Length)
        {
            var tag = block[(int)at];
            var size = tag >> 2;
            switch (tag & 3)
            {
                case 0 when size < 60:
                    (made, at) = (made + size + 1, at + size + 2);
                    break;
                case 0:
                    var bytes = size - 59;
                    if (at + bytes >= block.Length)
                    {
                        return null;
                    }

                    long length = 0;
                    for (var i = bytes; i > 0; i--)
                    {
                        length = (length << 8) | block[(int)at + i];
                    }

                    (made, at) = (made + length + 1, at + length + bytes + 2);
                    break;
                case 1:
                    (made, at) = (made + 4 + (size & 7), at + 2);
                    break;
                case 2:
                    (made, at) = (made + size + 1, at + 3);
                    break;
                default:
                    (made, at) = (made + size + 1, at + 5);
                    break;
            }
        }

        return at == block.Length ? made : null;
    }
}
