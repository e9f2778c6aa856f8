using System.Buffers;

namespace Collector.Receive.Rows;

/// <summary>
/// Finds the credentials of URLs in a text, plain or JSON: the user info behind "://", and the values of secret keys of
/// a query, a fragment or a connection string (<c>?token=…</c>, <c>;Password=…</c>). Text without "://" and "=" costs two vectorised searches.
/// </summary>
internal ref struct UrlSecrets
{
    private const int None = int.MaxValue;
    private const int MaxKey = 64;

    private static readonly SearchValues<byte> _behindAuthority = SearchValues.Create("/?#\\\"<> \t\r\n"u8);
    private static readonly SearchValues<byte> _behindValue = SearchValues.Create("&;#\\\"<> \t\r\n"u8);

    private readonly ReadOnlySpan<byte> _text;
    private readonly SecretNames _names;
    private readonly bool _isCut;
    private int _at;
    private int _scheme;
    private int _equals;

    /// <param name="text">UTF-8.</param>
    /// <param name="names">Whose values are secrets.</param>
    /// <param name="isCut">The text went on: what stands open at its end may be the first half of a secret.</param>
    public UrlSecrets(ReadOnlySpan<byte> text, SecretNames names, bool isCut = false)
    {
        _text = text;
        _names = names;
        _isCut = isCut;
        _scheme = Find("://"u8);
        _equals = Find("="u8);
    }

    /// <summary>The next secret; positions grow.</summary>
    public bool Next(out int start, out int length)
    {
        (start, length) = (0, 0);
        while (length == 0 && Math.Min(_scheme, _equals) is not None)
        {
            if (_scheme < _equals)
            {
                start = _at = _scheme + 3;
                length = UserInfo();
            }
            else
            {
                var isSecret = IsSecretKey();
                start = _at = _equals + 1;
                length = isSecret ? Until(_behindValue) : 0;
            }

            // Positions that are still ahead are kept: each byte is searched once.
            _at += length;
            _scheme = _scheme < _at ? Find("://"u8) : _scheme;
            _equals = _equals < _at ? Find("="u8) : _equals;
        }

        return length > 0;
    }

    private readonly int UserInfo()
    {
        var length = Until(_behindAuthority);
        return _isCut && _at + length == _text.Length ? length
            : Math.Max(0, _text.Slice(_at, length).LastIndexOf((byte)'@'));
    }

    private readonly int Until(SearchValues<byte> ends)
    {
        var length = _text[_at..].IndexOfAny(ends);
        return length < 0 ? _text.Length - _at : length;
    }

    // Only a name at the begin of a text, a query, a fragment or one of their parts is a key for certain.
    private readonly bool IsSecretKey()
    {
        if (!_names.MayEndKey(_text[.._equals]))
        {
            return false;
        }

        var start = _equals;
        while (start > 0 && _equals - start < MaxKey && IsOfKey(_text[start - 1]))
        {
            start--;
        }

        var key = _text[start.._equals];
        var before = start == 0 ? (byte)'"' : _text[start - 1];
        if (before == '\\' && key.StartsWith("u0026"u8))
        {
            // Go's encoder writes "&" so.
            return _names.IsSecretKey(key[5..]);
        }

        return before is (byte)'?' or (byte)'&' or (byte)'#' or (byte)';' or (byte)'"'
            && _names.IsSecretKey(key);
    }

    private static bool IsOfKey(byte letter) => char.IsAsciiLetterOrDigit((char)letter) || letter is (byte)'_' or (byte)'-' or (byte)'.';

    private readonly int Find(ReadOnlySpan<byte> what) => _text[_at..].IndexOf(what) is >= 0 and var found ? _at + found : None;
}
