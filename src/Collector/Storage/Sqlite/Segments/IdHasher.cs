using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Collector.Storage.Sqlite.Segments;

/// <summary>
/// 64-bit hashes of correlation and trace ids. The key is drawn anew for each process, so that no producer can choose
/// ids that share a chain; the hashes live in memory only.
/// </summary>
/// <param name="mask">Which bits count. Tests clear it, so that all ids collide.</param>
internal sealed class IdHasher(ulong mask = ulong.MaxValue)
{
    private readonly ulong _key = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));

    // Odd constants of high entropy (digits of the golden ratio and of the square root of two).
    private const ulong First = 0x9E3779B97F4A7C15;
    private const ulong Second = 0x6A09E667F3BCC909;

    public ulong Of(ReadOnlySpan<byte> id)
    {
        var hash = Mix(_key ^ First, (ulong)id.Length ^ Second);
        while (id.Length >= sizeof(ulong))
        {
            hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(id), Second);
            id = id[sizeof(ulong)..];
        }

        var rest = 0UL;
        foreach (var value in id)
        {
            rest = (rest << 8) | value;
        }

        return Mix(hash ^ rest, First) & mask;
    }

    public ulong Of(UInt128 traceId) =>
        Mix(Mix(_key ^ (ulong)traceId, First) ^ (ulong)(traceId >> 64), Second) & mask;

    private static ulong Mix(ulong left, ulong right)
    {
        var high = Math.BigMul(left, right, out var low);
        return high ^ low;
    }
}
