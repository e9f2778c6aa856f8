using System.Globalization;

namespace Collector.Access;

/// <summary>How the question whether somebody may ended.</summary>
internal enum AccessVerdict
{
    Granted,

    /// <summary>No key, or one that is not known or has expired.</summary>
    Unauthenticated,

    /// <summary>The key does not have the right.</summary>
    Forbidden,
}

/// <param name="Verdict">How it ended.</param>
/// <param name="Key">Whose key it is; null where anybody may, or nobody is known.</param>
/// <param name="Why">Why not, and what helps; null where it is granted.</param>
internal readonly record struct AccessAnswer(AccessVerdict Verdict, AccessKey? Key, string? Why)
{
    public bool IsGranted => Verdict == AccessVerdict.Granted;
}

/// <summary>
/// Who may do one thing, where it can be done: anybody, as long as it can be done from this machine only and no key has the
/// right; else those whose key has it. Once there was such a key, it stays closed, whatever becomes of the keys.
/// </summary>
/// <param name="keys">All keys.</param>
/// <param name="right">The right that is asked for.</param>
/// <param name="isLocal">Every listener at which it can be done is on loopback, and nobody passes others' requests on to it.</param>
/// <param name="clock">Keys expire by it.</param>
internal sealed class AccessRule(KeyRing keys, Rights right, bool isLocal, TimeProvider clock)
{
    private const string Scheme = "Bearer ";

    private volatile bool _isClosed = !isLocal;

    /// <summary>Anybody may.</summary>
    public bool IsOpen => !_isClosed && !(_isClosed |= keys.HasAny(right));

    /// <param name="authorization">The header of that name; null or empty: none.</param>
    public AccessAnswer Check(string? authorization) => IsOpen ? default : CheckKey(authorization);

    /// <summary>As <see cref="Check(string?)"/>, also where anybody may.</summary>
    public AccessAnswer CheckKey(string? authorization)
    {
        if (string.IsNullOrEmpty(authorization))
        {
            return Refuse($"a key with the right to {right.ToText()} is needed here: 'authorization: Bearer KEY'");
        }

        return authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? CheckSecret(authorization.AsSpan(Scheme.Length).Trim())
            : Refuse("the authorization is of another form; legal is 'authorization: Bearer KEY'");
    }

    public AccessAnswer CheckSecret(ReadOnlySpan<char> secret) =>
        keys.Find(secret) is { } key ? Check(key) : Refuse("the key is not one of those in force here");

    /// <summary>Whether a key that is known may.</summary>
    public AccessAnswer Check(AccessKey key)
    {
        var now = clock.GetUtcNow();
        if (key.IsExpired(now))
        {
            return Refuse(string.Create(CultureInfo.InvariantCulture, $"the key '{key.Name}' expired at {key.Entry.Expires:yyyy-MM-dd'T'HH:mm:ss'Z'}"));
        }

        if (!key.Entry.Rights.Allow(right))
        {
            return new AccessAnswer(
                AccessVerdict.Forbidden, key, $"the key '{key.Name}' has the right to {key.Entry.Rights.ToText()}, and this needs the right to {right.ToText()}");
        }

        key.Use.Add(now);
        return new AccessAnswer(AccessVerdict.Granted, key, null);
    }

    private static AccessAnswer Refuse(string why) => new(AccessVerdict.Unauthenticated, null, why);
}
