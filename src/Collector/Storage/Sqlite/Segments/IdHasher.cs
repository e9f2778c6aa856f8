using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;

namespace Collector.Storage.Sqlite.Segments;

/// <summary>
/// 64-bit hashes of correlation and trace ids. Each process draws its own seed, so that no producer can choose ids that
/// share a chain; the hashes live in memory only.
/// </summary>
/// <param name="mask">Which bits count. Tests clear it, so that all ids collide.</param>
internal sealed class IdHasher(ulong mask = ulong.MaxValue)
{
    private readonly long _seed = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));

    public ulong Of(ReadOnlySpan<byte> id) => XxHash3.HashToUInt64(id, _seed) & mask;

    public ulong Of(UInt128 traceId)
    {
        Span<byte> bytes = stackalloc byte[TraceIds.TextLength / 2];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, traceId);
        return Of(bytes);
    }
}
