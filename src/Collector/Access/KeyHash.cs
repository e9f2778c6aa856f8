using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Collector.Access;

/// <summary>A key is known by its hash only: what is kept opens nothing.</summary>
internal static class KeyHash
{
    /// <summary>Bytes of a hash.</summary>
    public const int Length = SHA256.HashSizeInBytes;

    /// <summary>Longest key, in characters; of a longer one no more is looked at.</summary>
    public const int MaxKeyLength = 512;

    private const string Prefix = "col_";
    private const int RandomBytes = 32;

    /// <summary>A new key that nobody can guess; the beginning tells tools that look for secrets in code what it is.</summary>
    public static string NewKey() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));

    public static void Compute(ReadOnlySpan<char> key, Span<byte> hash)
    {
        Span<byte> text = stackalloc byte[MaxKeyLength * 3];
        key = key[..Math.Min(key.Length, MaxKeyLength)];
        SHA256.HashData(text[..Encoding.UTF8.GetBytes(key, text)], hash);
    }

    public static byte[] Of(string key)
    {
        var hash = new byte[Length];
        Compute(key, hash);
        return hash;
    }
}
