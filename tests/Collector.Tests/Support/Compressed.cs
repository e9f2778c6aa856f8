using System.IO.Compression;
using K4os.Compression.LZ4;
using K4os.Compression.LZ4.Streams;
using Snappier;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Collector.Tests.Support;

/// <summary>Bytes as senders compress them. Forms that one name stands for have names of their own here.</summary>
internal static class Compressed
{
    public const string RawDeflate = "raw deflate";
    public const string SnappyBlock = "snappy block";

    /// <summary>Each form, and what <c>Content-Encoding</c> calls it.</summary>
    public static IReadOnlyDictionary<string, string> Forms { get; } = new Dictionary<string, string>
    {
        ["gzip"] = "gzip",
        ["x-gzip"] = "x-gzip",
        ["deflate"] = "deflate",
        ["zlib"] = "zlib",
        [RawDeflate] = "deflate",
        ["zstd"] = "zstd",
        ["snappy"] = "snappy",
        ["x-snappy-framed"] = "x-snappy-framed",
        [SnappyBlock] = "snappy",
        ["lz4"] = "lz4",
    };

    public static byte[] As(string form, ReadOnlySpan<byte> plain)
    {
        if (form == SnappyBlock)
        {
            return Snappy.CompressToArray(plain);
        }

        var target = new MemoryStream();
        using (var stream = Open(form, target))
        {
            stream.Write(plain);
        }

        return target.ToArray();
    }

    /// <summary>Zeros, as few bytes as the form can make of so many.</summary>
    public static byte[] Bomb(string form, long inflated)
    {
        var zeros = new byte[1 << 20];
        if (form == SnappyBlock)
        {
            return Snappy.CompressToArray(new byte[inflated]);
        }

        var target = new MemoryStream();
        using (var stream = Open(form, target))
        {
            for (long written = 0; written < inflated; written += zeros.Length)
            {
                stream.Write(zeros);
            }
        }

        return target.ToArray();
    }

    /// <summary>A frame that asks for a window of 2^log bytes, as senders of a stream do.</summary>
    public static byte[] Zstd(ReadOnlySpan<byte> plain, int windowLog)
    {
        var target = new MemoryStream();
        using (var stream = new CompressionStream(target, level: 3))
        {
            stream.SetParameter(ZSTD_cParameter.ZSTD_c_windowLog, windowLog);
            // What was flushed has no known length, so that the window is not made smaller.
            stream.Write(plain[..(plain.Length / 2)]);
            stream.Flush();
            stream.Write(plain[(plain.Length / 2)..]);
        }

        return target.ToArray();
    }

    private static Stream Open(string form, Stream target) => form switch
    {
        "gzip" or "x-gzip" => new GZipStream(target, CompressionLevel.Fastest),
        "deflate" or "zlib" => new ZLibStream(target, CompressionLevel.Fastest),
        RawDeflate => new DeflateStream(target, CompressionLevel.Fastest),
        "zstd" => new CompressionStream(target, level: 3),
        "snappy" or "x-snappy-framed" => new SnappyStream(target, CompressionMode.Compress),
        "lz4" => LZ4Stream.Encode(target, new LZ4EncoderSettings { BlockSize = 4 << 20, CompressionLevel = LZ4Level.L00_FAST }),
        _ => throw new ArgumentOutOfRangeException(nameof(form), form, "no such form"),
    };
}
