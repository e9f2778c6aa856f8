using K4os.Compression.LZ4.Streams;

namespace Collector.Receive.Request;

/// <summary>Source: github.com/lz4/lz4, lz4_Frame_format.md. A body may be several frames in a row.</summary>
internal static class Lz4
{
    // The largest block, as it comes and inflated.
    private const long Window = 2 * 4 * 1024 * 1024;

    public static ReceiveResult Inflate(ReadOnlyMemory<byte> compressed, Inflation into)
    {
        using var source = Inflation.StreamOf(compressed);
        var result = ReceiveResult.Ok;
        while (result.IsOk && source.Position < source.Length)
        {
            // Reads exactly one frame.
            using var plain = LZ4Stream.Decode(source, leaveOpen: true);
            result = into.CopyFrom(plain, Window);
        }

        return result;
    }
}
