using System.Security.Cryptography;
using System.Text;

namespace Collector.Receive.Request;

/// <summary>Checks <c>authorization: Bearer KEY</c>; where no keys are configured, everybody may send.</summary>
internal sealed class IngestKeys
{
    private const string Scheme = "Bearer ";

    private readonly byte[][] _hashes;

    public IngestKeys(IEnumerable<string> keys) =>
        _hashes = [.. keys.Select(key => SHA256.HashData(Encoding.UTF8.GetBytes(key)))];

    public bool AreRequired => _hashes.Length > 0;

    /// <summary>
    /// Compares all hashes, each in constant time, so that a caller can measure neither a key's length nor how much of it
    /// was right.
    /// </summary>
    public bool Allow(string? authorization)
    {
        if (!AreRequired)
        {
            return true;
        }

        if (authorization is null || !authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(authorization[Scheme.Length..].Trim()));
        var found = false;
        foreach (var known in _hashes)
        {
            found |= CryptographicOperations.FixedTimeEquals(known, hash);
        }

        return found;
    }

    public static ReceiveResult Denied => new(
        ReceiveStatus.Unauthenticated, "this Collector asks for 'authorization: Bearer <key>' with one of Ingest:Keys");
}
