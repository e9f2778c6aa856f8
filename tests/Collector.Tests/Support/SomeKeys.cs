using Collector.Access;
using Microsoft.Extensions.Logging.Abstractions;

namespace Collector.Tests.Support;

/// <summary>Keys for tests of what asks for them.</summary>
internal static class SomeKeys
{
    /// <summary>Sending on loopback: open where there are no keys.</summary>
    public static AccessRule Sending(params string[] keys) => new(Ring([], keys), Rights.Send, isLocal: true, TimeProvider.System);

    public static KeyRing Ring(IReadOnlyList<KeyEntry> entries, params string[] plain) =>
        new(entries, plain, Path.Combine(Path.GetTempPath(), "no-keys-here"), TimeProvider.System, NullLogger.Instance);

    /// <summary>An entry for a secret.</summary>
    public static KeyEntry Entry(string name, string secret, Rights rights) =>
        new() { Name = name, Sha256 = Convert.ToHexStringLower(KeyHash.Of(secret)), Rights = rights };
}
