using System.IO.Compression;
using Block = Snappier.Snappy;
using Snappier;

namespace Collector.Receive.Request;

/// <summary>
/// Two forms that bear one name: framed, which gRPC and older forwarders send, and one raw block. Source:
/// github.com/google/snappy, format_description.txt and framing_format.txt.
/// </summary>
internal static class Snappy
{
    // A copy of 64 bytes takes three: no block grows more than this.
    private const long MostGrowth = 24;

    // As a raw block these would be 895 bytes, beginning with a NUL.
    private static ReadOnlySpan<byte> FramedBegin => [0xFF, 6, 0, 0, (byte)'s', (byte)'N', (byte)'a', (byte)'P', (byte)'p', (byte)'Y'];

    public static ReceiveResult Inflate(ReadOnlyMemory<byte> compressed, Inflation into)
    {
        if (!compressed.Span.StartsWith(FramedBegin))
        {
            return InflateBlock(compressed, into);
        }

        using var source = Inflation.StreamOf(compressed);
        using var plain = new SnappyStream(source, CompressionMode.Decompress);
        return into.CopyFrom(plain);
    }

    // A block says its length, which is held against what its bytes can hold before any memory is taken.
    private static ReceiveResult InflateBlock(ReadOnlyMemory<byte> compressed, Inflation into)
    {
        var length = Block.GetUncompressedLength(compressed.Span);
        return length > compressed.Length * MostGrowth
            ? ReceiveResult.BadData($"the snappy data is damaged: {compressed.Length} bytes can't hold the {length} that they claim")
            : into.Fill(length, free => Block.Decompress(compressed.Span, free.Span));
    }
}
