using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Collector.Receive.Request;

/// <summary>Source: RFC 8878. A body may be several frames in a row.</summary>
internal static class Zstd
{
    // The OpenTelemetry Collector's exporters ask for 4 to 32 MiB, by their level.
    private const int MaxWindowLog = 25;
    private const int BufferBytes = 16 * 1024;

    public static ReceiveResult Inflate(ReadOnlyMemory<byte> compressed, Inflation into)
    {
        using var source = new CompressedStream(compressed);
        using var plain = new DecompressionStream(source, BufferBytes);
        plain.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, MaxWindowLog);
        try
        {
            return into.CopyFrom(plain, 1L << MaxWindowLog);
        }
        catch (ZstdException error) when (error.Code == ZSTD_ErrorCode.ZSTD_error_frameParameter_windowTooLarge)
        {
            return ReceiveResult.BadData($"the zstd data asks for a window of more than {1 << (MaxWindowLog - 20)} MiB, which is the largest that is legal");
        }
    }
}
