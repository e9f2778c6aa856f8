using System.Text;

namespace Collector.Receive.Rows;

/// <summary>
/// Names of headers and attributes whose values are secrets. The mappers ask for every attribute of every record, so
/// nothing is allocated and the last letter rules out most names. ASCII case does not matter; in names of attributes and keys of
/// queries "_" and "-" don't either.
/// </summary>
internal sealed class SecretNames
{
    private static readonly byte[][] _headerPrefixes =
    [
        "http.request.header."u8.ToArray(), "http.response.header."u8.ToArray(),
        "rpc.request.metadata."u8.ToArray(), "rpc.response.metadata."u8.ToArray(),
        "rpc.grpc.request.metadata."u8.ToArray(), "rpc.grpc.response.metadata."u8.ToArray(),
    ];

    private readonly byte[][] _headers;
    private readonly byte[][] _headerParts;
    private readonly byte[][] _attributes;
    private readonly byte[][] _queryKeys;
    private readonly ulong _lastLetters;

    /// <param name="headers">Whole names of headers.</param>
    /// <param name="headerParts">Parts of names of headers.</param>
    /// <param name="attributes">Last parts (after the last dot) of attribute names; <c>*_secret</c> for whatever ends so.</param>
    /// <param name="queryKeys">Keys of URLs' queries, beside the names of attributes.</param>
    public SecretNames(
        IEnumerable<string> headers, IEnumerable<string> headerParts, IEnumerable<string> attributes, IEnumerable<string>? queryKeys = null)
    {
        _headers = ToUtf8(headers);
        _headerParts = ToUtf8(headerParts);
        _attributes = ToUtf8(attributes);
        _queryKeys = ToUtf8(queryKeys ?? []);
        foreach (var name in _attributes)
        {
            _lastLetters |= LetterBit(name);
        }
    }

    public static SecretNames Default { get; } = From(new RedactOptions());

    public static SecretNames From(RedactOptions options) => 
        new(options.Headers, options.HeaderParts, options.Attributes, options.QueryKeys);

    /// <summary>A header of this name carries a secret.</summary>
    public bool IsSecretHeader(ReadOnlySpan<byte> name)
    {
        if (IsOneOf(_headers, name))
        {
            return true;
        }

        foreach (var part in _headerParts)
        {
            if (Contains(name, part))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What the name of an attribute, or of a member of a structured value, says about its value.</summary>
    internal Secrecy Of(ReadOnlySpan<byte> name)
    {
        var last = name[(name.LastIndexOf((byte)'.') + 1)..];
        if ((_lastLetters & LetterBit(last)) != 0 && IsAny(_attributes, last))
        {
            return Secrecy.Secret;
        }

        if (last.Length is 6 or 7 && (Same(last, "headers"u8) || Same(last, "header"u8)))
        {
            return Secrecy.Headers;
        }

        return IsCapturedHeader(name, out var header) && IsSecretHeader(header) ? Secrecy.Secret : Secrecy.None;
    }

    /// <summary>The same for a member of a value, of whose texts <paramref name="outer"/> is known.</summary>
    internal Secrecy Of(ReadOnlySpan<byte> name, Secrecy outer) =>
        outer == Secrecy.Headers && IsSecretHeader(name) ? Secrecy.Secret : Of(name);

    /// <summary>The value of such a key in a query is a secret.</summary>
    internal bool IsSecretKey(ReadOnlySpan<byte> key) => IsAny(_queryKeys, key) || Of(key) == Secrecy.Secret;

    private static bool IsCapturedHeader(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> header)
    {
        header = default;
        if (name.Length < 20 || name[0] is not ((byte)'h' or (byte)'r'))
        {
            return false;
        }

        foreach (var prefix in _headerPrefixes)
        {
            if (name.StartsWith(prefix))
            {
                header = name[prefix.Length..];
                return true;
            }
        }

        return false;
    }

    private static bool IsOneOf(byte[][] names, ReadOnlySpan<byte> name)
    {
        foreach (var candidate in names)
        {
            if (Same(name, candidate))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsAny(byte[][] names, ReadOnlySpan<byte> name)
    {
        foreach (var candidate in names)
        {
            if (IsLike(candidate, name))
            {
                return true;
            }
        }

        return false;
    }

    // From the end, where names differ soonest.
    private static bool IsLike(ReadOnlySpan<byte> candidate, ReadOnlySpan<byte> name)
    {
        var isSuffix = candidate[0] == '*';
        candidate = isSuffix ? candidate[1..] : candidate;
        while (true)
        {
            candidate = candidate.TrimEnd("_-"u8);
            name = name.TrimEnd("_-"u8);
            if (candidate.IsEmpty || name.IsEmpty)
            {
                return candidate.IsEmpty && (isSuffix || name.IsEmpty);
            }

            if (Lower(candidate[^1]) != Lower(name[^1]))
            {
                return false;
            }

            candidate = candidate[..^1];
            name = name[..^1];
        }
    }

    private static bool Contains(ReadOnlySpan<byte> name, ReadOnlySpan<byte> part)
    {
        for (var start = 0; start + part.Length <= name.Length; start++)
        {
            if (Same(name.Slice(start, part.Length), part))
            {
                return true;
            }
        }

        return false;
    }

    // Ascii.EqualsIgnoreCase calls two equal non-ASCII names different.
    private static bool Same(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        left.Length == right.Length && (Ascii.EqualsIgnoreCase(left, right) || left.SequenceEqual(right));

    private static byte Lower(byte letter) => letter is >= (byte)'A' and <= (byte)'Z' ? (byte)(letter | 0x20) : letter;

    private static ulong LetterBit(ReadOnlySpan<byte> name)
    {
        name = name.TrimEnd("_-"u8);
        return name.IsEmpty ? 0 : 1UL << (Lower(name[^1]) & 63);
    }

    private static byte[][] ToUtf8(IEnumerable<string> names) =>
        [.. names.Where(name => name.Length > 0).Select(Encoding.UTF8.GetBytes)];
}

/// <summary>What is to happen to the text of a value.</summary>
internal enum Secrecy : byte
{
    None,

    /// <summary>It is a secret: strings and bytes are not stored.</summary>
    Secret,

    /// <summary>It maps header names to values: each name is judged as a header's.</summary>
    Headers,
}
