using System.Buffers.Binary;
using System.IO.Compression;

namespace Collector.Receive.Request;

/// <summary>Source: RFC 1952. A body may be several members in a row.</summary>
internal static class Gzip
{
    private const int SmallestMember = 18;

    // Of deflate, whatever is in it.
    private const long MostGrowth = 1032;

    public static ReceiveResult Inflate(ReadOnlyMemory<byte> compressed, Inflation into)
    {
        if (compressed.Length < SmallestMember)
        {
            return ReceiveResult.BadData($"the gzip data is cut short ({compressed.Length} bytes)");
        }

        // The last four bytes give the inflated length of the (last) member. A false claim must not cost memory.
        into.Expect(Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(compressed.Span[^4..]), compressed.Length * MostGrowth));
        using var source = new LastByteApart(compressed);
        using var plain = new GZipStream(source, CompressionMode.Decompress);
        return source.Check(into.CopyFrom(plain), "gzip");
    }
}
