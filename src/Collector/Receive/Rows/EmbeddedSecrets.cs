using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Collector.Receive.Rows;

/// <summary>
/// Finds the secrets in a text that is, or holds, JSON: strings under secret names, as members of objects have them. It reads
/// what a JSON reader would refuse (a text that was cut, or words around the JSON) as far as it goes. In work it is linear: no byte
/// is looked at more than three times.
/// </summary>
internal ref struct EmbeddedSecrets
{
    private static readonly SearchValues<byte> _marks = SearchValues.Create("{}[],\"\\"u8);
    private static readonly SearchValues<byte> _quoteOrEscape = SearchValues.Create("\"\\"u8);

    private readonly ReadOnlySpan<byte> _text;
    private readonly SecretNames _names;
    private Levels _outer;
    private Secrecy _secrecy;
    private int _depth;
    private int _at;
    private int _value;

    public EmbeddedSecrets(ReadOnlySpan<byte> text, SecretNames names)
    {
        _text = text;
        _names = names;
        _at = MayHave(text) ? 0 : text.Length;
    }

    /// <summary>The next string that is a secret, without its quotes.</summary>
    public bool Next(out int start, out int length)
    {
        while (_at < _text.Length && _text[_at..].IndexOfAny(_marks) is >= 0 and var mark)
        {
            _at += mark;
            switch (_text[_at++])
            {
                case (byte)'{' or (byte)'[':
                    _depth++;
                    Outer() = _secrecy;
                    break;
                case (byte)'}' or (byte)']':
                    _depth = Math.Max(0, _depth - 1);
                    _secrecy = Outer();
                    break;
                case (byte)',':
                    _secrecy = Outer();
                    break;
                case (byte)'"' when IsSecret(out start, out length):
                    return true;
                case (byte)'\\':
                    _at++;
                    break;
            }
        }

        (start, length) = (0, 0);
        return false;
    }

    // A name is a string with a colon behind it: most texts with quotes have none.
    private static bool MayHave(ReadOnlySpan<byte> text) =>
        text.Contains((byte)'"') && (text.IndexOf("\":"u8) >= 0 || text.IndexOf("\" "u8) >= 0 || text.IndexOfAny((byte)'\n', (byte)'\t') >= 0);

    // Behind the quote that opens a string.
    private bool IsSecret(out int start, out int length)
    {
        start = _at;
        var end = EndOf(_text, start);
        length = end - start;
        var word = _text.Slice(start, length);
        var rest = _text[Math.Min(end + 1, _text.Length)..].TrimStart(" \t\r\n"u8);
        var isValue = _value == start;
        if (!isValue && !rest.IsEmpty && rest[0] is not ((byte)':' or (byte)',' or (byte)'}' or (byte)']'))
        {
            // A quote of the words around: the next one may open a string.
            return false;
        }

        _at = end + 1;
        if (!isValue && !rest.IsEmpty && rest[0] == ':')
        {
            _secrecy = _names.Of(word, Outer());
            _value = _text.Length - rest[1..].TrimStart(" \t\r\n"u8).Length + 1;
            return false;
        }

        return _secrecy == Secrecy.Secret && length > 0;
    }

    private static int EndOf(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length && text[at..].IndexOfAny(_quoteOrEscape) is >= 0 and var next)
        {
            at += next;
            if (text[at] == '"')
            {
                return at;
            }

            at += 2;
        }

        return text.Length;
    }

    [UnscopedRef]
    private ref Secrecy Outer() => ref _outer[Math.Min(_depth, ValueWriter.MaxDepth)];

    /// <summary>What is to happen to the members of the objects and arrays that stand open.</summary>
    [InlineArray(ValueWriter.MaxDepth + 1)]
    private struct Levels
    {
        private Secrecy _first;
    }
}
