using System.IO.Hashing;

namespace Collector.Live;

/// <summary>
/// What a gzip stream says at its end of the bytes in it, and what two of them are together, without the bytes: a CRC is
/// the remainder of a polynomial over GF(2), so bytes that follow multiply the earlier remainder by x once for each bit.
/// </summary>
internal readonly record struct GzipSum
{
    // Of CRC-32, without x^32 and, as in every remainder here, with the coefficient of x^0 in the highest bit.
    private const uint Polynomial = 0xEDB88320;
    private const uint One = 0x80000000;
    private const uint XToThe8 = One >> 8;

    private readonly uint _shift;

    private GzipSum(uint crc, long length, uint shift) => (Crc, Length, _shift) = (crc, length, shift);

    /// <summary>Of no bytes.</summary>
    public static GzipSum None { get; } = new(0, 0, One);

    public uint Crc { get; }

    /// <summary>Bytes.</summary>
    public long Length { get; }

    /// <summary>Of these bytes.</summary>
    public static GzipSum Of(ReadOnlySpan<byte> bytes) =>
        new(Crc32.HashToUInt32(bytes), bytes.Length, Power(XToThe8, bytes.Length));

    /// <summary>Of these bytes and those that follow.</summary>
    public GzipSum Then(in GzipSum next) =>
        new(Times(Crc, next._shift) ^ next.Crc, Length + next.Length, Times(_shift, next._shift));

    private static uint Power(uint factor, int exponent)
    {
        var power = One;
        for (; exponent > 0; exponent >>= 1)
        {
            power = (exponent & 1) == 0 ? power : Times(power, factor);
            factor = Times(factor, factor);
        }

        return power;
    }

    // One of the two is multiplied by x again and again, and added where the other has that power of x.
    private static uint Times(uint one, uint other)
    {
        var product = 0u;
        for (var power = One; power != 0; power >>= 1)
        {
            product ^= (one & power) == 0 ? 0 : other;
            other = (other >> 1) ^ ((other & 1) == 0 ? 0 : Polynomial);
        }

        return product;
    }
}
