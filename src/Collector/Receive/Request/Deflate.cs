using System.Buffers.Binary;
using System.IO.Compression;

namespace Collector.Receive.Request;

/// <summary>
/// What HTTP calls deflate is deflate within zlib; some senders leave zlib away, so both are taken. Source: RFC 1950,
/// RFC 9110 8.4.1.2.
/// </summary>
internal static class Deflate
{
    private const int Method = 8;
    private const int ZlibHeader = 2;

    public static ReceiveResult Inflate(ReadOnlyMemory<byte> compressed, Inflation into)
    {
        using var source = new LastByteApart(compressed);
        using Stream plain = IsZlib(compressed.Span)
            ? new ZLibStream(source, CompressionMode.Decompress)
            : new DeflateStream(source, CompressionMode.Decompress);
        return source.Check(into.CopyFrom(plain), "deflate");
    }

    // The two bytes of the header are a multiple of 31, and name the method; raw data begins so for one in 500, and then
    // only with a block of a kind that no encoder begins with.
    private static bool IsZlib(ReadOnlySpan<byte> compressed) =>
        compressed.Length >= ZlibHeader
        && (compressed[0] & 0x0F) == Method
        && BinaryPrimitives.ReadUInt16BigEndian(compressed) % 31 == 0;
}
