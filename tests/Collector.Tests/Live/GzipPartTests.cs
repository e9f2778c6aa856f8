using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;
using Collector.Live;

namespace Collector.Tests.Live;

/// <summary>Parts that were compressed for themselves are whole gzip streams together, in any order.</summary>
public sealed class GzipPartTests
{
    private static readonly byte[] _head = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255];

    [Fact]
    public void Parts_in_any_order_are_one_stream_whose_checksum_and_length_are_right()
    {
        var random = new Random(1);
        var parts = new[] { 0, 1, 3, 255, 256, 4_096, 65_535, 65_536, 1_000_000 }
            .Select(length => (Plain: TextOf(random, length), Length: length)).ToArray();
        for (var round = 0; round < 20; round++)
        {
            random.Shuffle(parts);
            Decompressed(parts.Select(static part => GzipPart.Of(part.Plain))).ShouldBe(parts.SelectMany(static part => part.Plain).ToArray());
        }
    }

    [Fact]
    public void A_sum_of_sums_is_that_of_all_the_bytes()
    {
        var bytes = TextOf(new Random(2), 70_000);
        var sum = GzipSum.None;
        for (int at = 0, length = 0; at < bytes.Length; at += length, length = (length * 2) + 1)
        {
            sum = sum.Then(GzipSum.Of(bytes.AsSpan(at, Math.Min(length, bytes.Length - at))));
        }

        (sum.Crc, sum.Length).ShouldBe((Crc32.HashToUInt32(bytes), bytes.Length));
    }

    [Fact]
    public void Text_gets_smaller() =>
        GzipPart.Of(TextOf(new Random(3), 10_000)).Blocks.Length.ShouldBeLessThan(2_000);

    private static byte[] TextOf(Random random, int length)
    {
        var text = new StringBuilder();
        while (text.Length < length)
        {
            text.Append("order ").Append(random.Next(1_000)).Append(" was paid\n");
        }

        return Encoding.ASCII.GetBytes(text.ToString(0, length));
    }

    // The decompressor refuses a stream whose checksum or length is not that of what it gave.
    private static byte[] Decompressed(IEnumerable<GzipPart> parts)
    {
        var stream = new MemoryStream();
        stream.Write(_head);
        var sum = GzipSum.None;
        foreach (var part in parts)
        {
            stream.Write(part.Blocks.Span);
            sum = sum.Then(part.Sum);
        }

        Span<byte> end = stackalloc byte[10];
        end[0] = 3;
        BinaryPrimitives.WriteUInt32LittleEndian(end[2..], sum.Crc);
        BinaryPrimitives.WriteUInt32LittleEndian(end[6..], (uint)sum.Length);
        stream.Write(end);
        stream.Position = 0;
        using var plain = new MemoryStream();
        using var gzip = new GZipStream(stream, CompressionMode.Decompress);
        gzip.CopyTo(plain);
        return plain.ToArray();
    }
}
