using System.Text;

namespace Collector.Receive.Rows;

/// <summary>
/// Names of headers and attributes whose values are secrets. The mappers ask for every attribute of every record, so
/// nothing is allocated and the last two letters rule out most names. ASCII case does not matter; in names of attributes and keys of
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

    // Pairs of the low five bits of letters, in which case does not matter.
    private const int Endings = 1 << 10;

    private readonly byte[][] _headers;
    private readonly byte[][] _headerParts;
    private readonly byte[][] _attributes;
    private readonly byte[][] _queryKeys;
    private readonly bool[] _endings = new bool[Endings];
    private readonly bool[] _keyEndings = new bool[Endings];

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
        AddEndings(_endings, _attributes);
        AddEndings(_keyEndings, _attributes);
        AddEndings(_keyEndings, _queryKeys);
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
        if (MayEnd(_endings, last) && IsAny(_attributes, last))
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
    internal bool IsSecretKey(ReadOnlySpan<byte> key) => MayEndKey(key) && (IsAny(_queryKeys, key) || Of(key) == Secrecy.Secret);

    /// <summary>False where no secret key ends as this text does, which is so for most.</summary>
    internal bool MayEndKey(ReadOnlySpan<byte> text) => MayEnd(_keyEndings, text);

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
        var first = candidate[0] == '*' ? 1 : 0;
        var (i, j) = (candidate.Length, name.Length);
        while (true)
        {
            i = BehindLetter(candidate, first, i);
            j = BehindLetter(name, 0, j);
            if (i == first || j == 0)
            {
                return i == first && (first == 1 || j == 0);
            }

            if (Lower(candidate[--i]) != Lower(name[--j]))
            {
                return false;
            }
        }
    }

    // "_" and "-" are as good as not there.
    private static int BehindLetter(ReadOnlySpan<byte> name, int first, int end)
    {
        while (end > first && name[end - 1] is (byte)'_' or (byte)'-')
        {
            end--;
        }

        return end;
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

    private static bool MayEnd(bool[] endings, ReadOnlySpan<byte> name) =>
        name.Length < 2 || name[^1] is (byte)'_' or (byte)'-' || name[^2] is (byte)'_' or (byte)'-'
        || endings[Ending(name[^2], name[^1])];

    private static int Ending(byte before, byte last) => ((before & 31) << 5) | (last & 31);

    private static void AddEndings(bool[] endings, byte[][] names)
    {
        foreach (var name in names)
        {
            var last = BehindLetter(name, 0, name.Length);
            var before = BehindLetter(name, 0, Math.Max(0, last - 1));
            if (before == 0 || name[before - 1] == '*')
            {
                // Of a single letter anything may end so.
                Array.Fill(endings, true);
                return;
            }

            endings[Ending(name[before - 1], name[last - 1])] = true;
        }
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
