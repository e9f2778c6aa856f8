using System.Buffers.Binary;
using K4os.Compression.LZ4.Streams;

namespace Collector.Receive.Request;

/// <summary>
/// Frames of blocks; a body may be several frames in a row. The library makes its buffers anew for each, so they are
/// walked first and counted. Source: github.com/lz4/lz4, lz4_Frame_format.md.
/// </summary>
internal static class Lz4
{
    // The largest block, as it comes and inflated.
    private const long Window = 2 * 4 * 1024 * 1024;

    // Each costs 30 µs, however little is in it.
    private const int MaxFrames = 100;

    private const uint Magic = 0x184D2204;
    private const int ShortestHeader = 7;
    private const int Word = 4;
    private const int HasContentSize = 0x08;
    private const int HasContentSum = 0x04;
    private const int HasBlockSums = 0x10;
    private const int HasDictionary = 0x01;

    public static ReceiveResult Inflate(ReadOnlyMemory<byte> compressed, Inflation into)
    {
        var result = ReceiveResult.Ok;
        for (var frames = 1; result.IsOk && !compressed.IsEmpty; frames++)
        {
            if (frames > MaxFrames)
            {
                return ReceiveResult.BadData($"the lz4 data has more than {MaxFrames} frames, which is the largest number that is legal");
            }

            if (LengthOfFrame(compressed.Span) is not { } length)
            {
                return ReceiveResult.BadData("the lz4 data is damaged: it is cut short, or no frame begins where one should");
            }

            using var source = new CompressedStream(compressed[..length]);
            using var plain = LZ4Stream.Decode(source);
            result = into.CopyFrom(plain, Window);
            compressed = compressed[length..];
        }

        return result;
    }

    // Null where it does not end within these bytes.
    private static int? LengthOfFrame(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < ShortestHeader || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic)
        {
            return null;
        }

        var flags = bytes[Word];
        long at = ShortestHeader + ((flags & HasContentSize) != 0 ? 2 * Word : 0) + ((flags & HasDictionary) != 0 ? Word : 0);
        var behindBlock = (flags & HasBlockSums) != 0 ? Word : 0;
        while (at + Word <= bytes.Length)
        {
            // The highest bit says that a block is not compressed.
            var block = BinaryPrimitives.ReadInt32LittleEndian(bytes[(int)at..]) & int.MaxValue;
            at += Word + (block == 0 ? (flags & HasContentSum) != 0 ? Word : 0 : block + (long)behindBlock);
            if (block == 0)
            {
                return at <= bytes.Length ? (int)at : null;
            }
        }

        return null;
    }
}
