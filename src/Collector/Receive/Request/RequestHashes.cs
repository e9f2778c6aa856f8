using System.Security.Cryptography;
using Collector.Model;

namespace Collector.Receive.Request;

/// <summary>Makes request keys of SHA-256.</summary>
internal static class RequestHashes
{
    /// <summary>The key of a message that a repeat brings byte for byte.</summary>
    /// <param name="prefix">Tells protocols apart whose messages may be the same bytes.</param>
    /// <param name="message">The message, decompressed.</param>
    public static RequestKey Of(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> message)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(prefix);
        hash.AppendData(message);
        return hash.End();
    }

    /// <summary>Ends the hash, which can be used for the next.</summary>
    public static RequestKey End(this IncrementalHash hash)
    {
        Span<byte> key = stackalloc byte[RequestKey.Length];
        hash.GetHashAndReset(key);
        return RequestKey.Of(key);
    }
}
