using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using Collector.Model;

namespace Collector.Receive.Request;

/// <summary>Inflates gzip into a buffer and stops at the limit: a bomb never occupies more than that.</summary>
internal static class Gzip
{
    private const int SmallestMember = 18;
    private const int Step = 16 * 1024;

    /// <summary>Inflates and frees the compressed bytes; an empty buffer inflates to an empty one.</summary>
    public static (ReceiveResult Result, ByteBuffer Message) Inflate(ByteBuffer compressed, IByteAllowance allowance, int limit)
    {
        if (compressed.Length == 0)
        {
            return (ReceiveResult.Ok, compressed);
        }

        using (compressed)
        {
            var inflated = new ByteBuffer(allowance);
            return (Inflate(compressed.WrittenMemory, inflated, limit), inflated);
        }
    }

    private static ReceiveResult Inflate(ReadOnlyMemory<byte> compressed, ByteBuffer target, int limit)
    {
        if (compressed.Length < SmallestMember)
        {
            return ReceiveResult.BadData($"the gzip data is cut short ({compressed.Length} bytes)");
        }

        // The last four bytes give the inflated length of the (last) member: a hint that mostly allows one exact
        // allocation. A deflate stream grows at most 1032-fold; a larger claim is false and must not cost memory.
        var claimed = BinaryPrimitives.ReadUInt32LittleEndian(compressed.Span[^4..]);
        target.GetSpan((int)Math.Min(Math.Min(claimed, compressed.Length * 1032L), limit) + 1);
        try
        {
            return InflateAll(compressed, target, limit);
        }
        catch (InvalidDataException error)
        {
            return ReceiveResult.BadData($"the gzip data is damaged: {error.Message}");
        }
    }

    private static ReceiveResult InflateAll(ReadOnlyMemory<byte> compressed, ByteBuffer target, int limit)
    {
        using var source = AsStream(compressed);
        using var gzip = new GZipStream(source, CompressionMode.Decompress);
        while (true)
        {
            var free = target.GetSpan(target.Length == limit ? 1 : Math.Min(Step, limit - target.Length));
            if (free.IsEmpty)
            {
                return ReceiveResult.Overloaded("no memory is free for the inflated request");
            }

            var count = gzip.Read(free);
            if (count == 0)
            {
                return ReceiveResult.Ok;
            }

            target.Advance(count);
            if (target.Length > limit)
            {
                return ReceiveResult.TooLarge(limit);
            }
        }
    }

    private static MemoryStream AsStream(ReadOnlyMemory<byte> bytes)
    {
        MemoryMarshal.TryGetArray(bytes, out var array);
        return new MemoryStream(array.Array!, array.Offset, array.Count, writable: false);
    }
}
