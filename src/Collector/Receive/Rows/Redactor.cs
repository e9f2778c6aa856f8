using System.Buffers;
using Collector.Model;

namespace Collector.Receive.Rows;

/// <summary>
/// Writes texts without the secrets that stand in them. A text is cut while it is written, so that neither a mark that is longer
/// than its secret takes a row beyond its room, nor a cut leaves half of a secret; what is written is counted like all that is built.
/// </summary>
internal sealed class Redactor(RowBatch batch, SecretNames names, JsonText json)
{
    // Without any of these a text has neither JSON's names nor a URL's user info or keys: ordinary texts cost this search.
    private static readonly SearchValues<byte> _marks = SearchValues.Create("\"=@"u8);

    // A character has at most so many bytes: a text that is so near to its room was cut.
    private const int LongestCharacter = 4;

    private static ReadOnlySpan<byte> Mark => "REDACTED"u8;

    /// <summary>Writes a text as a JSON string, as far as there is room; false where it had to be repaired.</summary>
    /// <param name="text">UTF-8, or nearly.</param>
    /// <param name="room">Most bytes, before they are escaped.</param>
    /// <param name="used">How many bytes of the text are said.</param>
    public bool String(ReadOnlySpan<byte> text, int room, out int used)
    {
        if (!text.ContainsAny(_marks))
        {
            used = Utf8Text.Cut(text, room);
            return json.String(text[..used]);
        }

        var secrets = new SecretFinder(text, names, isCut: false);
        var valid = true;
        json.Raw((byte)'"');
        used = 0;
        while (true)
        {
            var isFound = secrets.Next(out var start, out var length);
            var plain = text[used..start];
            var fits = Utf8Text.Cut(plain, room);
            valid &= json.Part(plain[..fits]);
            used += fits;
            room -= fits + Mark.Length;
            if (!isFound || room < 0)
            {
                break;
            }

            json.Raw(Mark);
            used = start + length;
        }

        json.Raw((byte)'"');
        return valid;
    }

    /// <summary>The message without its secrets: the slice itself where it has none.</summary>
    /// <param name="text">No longer than its row allows; no longer is what comes of it, unless there is room.</param>
    /// <param name="room">What it was cut to, where it was cut.</param>
    /// <param name="isCut">The marks took the room of what stood behind them.</param>
    public Slice Message(Slice text, int room, out bool isCut)
    {
        isCut = false;
        if (!batch.Text(text).ContainsAny(_marks) || !HasSecrets(text, room))
        {
            return text;
        }

        // It must not move while it is read: room for all of it is taken first. A mark is seven letters longer than its secret at most.
        var most = (int)Math.Min(Math.Max(room, text.Length), (long)text.Length * Mark.Length);
        var target = batch.Built.GetSpan(most);
        if (target.Length < most)
        {
            return default;
        }

        var length = Write(batch.Text(text), target[..most], IsCut(text, room), out isCut);
        var start = batch.Built.Length;
        batch.Built.Advance(length);
        return Slice.OfBuilt(start, length);
    }

    private bool HasSecrets(Slice text, int room) =>
        new SecretFinder(batch.Text(text), names, IsCut(text, room)).Next(out _, out _);

    private static bool IsCut(Slice text, int room) => text.Length > room - LongestCharacter;

    private int Write(ReadOnlySpan<byte> text, Span<byte> target, bool wasCut, out bool isCut)
    {
        var secrets = new SecretFinder(text, names, wasCut);
        var (written, at) = (0, 0);
        while (true)
        {
            var isFound = secrets.Next(out var start, out var length);
            var plain = text[at..start];
            plain = plain[..Utf8Text.Cut(plain, target.Length - written)];
            plain.CopyTo(target[written..]);
            written += plain.Length;
            at += plain.Length;
            if (!isFound || target.Length - written < Mark.Length)
            {
                isCut = at < text.Length;
                return written;
            }

            Mark.CopyTo(target[written..]);
            written += Mark.Length;
            at = start + length;
        }
    }
}

/// <summary>Finds all kinds of secrets in one text, in their order.</summary>
internal ref struct SecretFinder
{
    private readonly int _length;
    private UrlSecrets _urls;
    private EmbeddedSecrets _strings;
    private (int Start, int Length) _url;
    private (int Start, int Length) _string;
    private int _end;

    /// <inheritdoc cref="UrlSecrets(ReadOnlySpan{byte}, SecretNames, bool)"/>
    public SecretFinder(ReadOnlySpan<byte> text, SecretNames names, bool isCut)
    {
        _length = text.Length;
        _urls = new UrlSecrets(text, names, isCut);
        _strings = new EmbeddedSecrets(text, names);
        _url = NextUrl();
        _string = NextString();
    }

    /// <summary>The next secret; at the end false, and the text's length.</summary>
    public bool Next(out int start, out int length)
    {
        do
        {
            (start, length) = _url.Start < _string.Start ? _url : _string;
            if (length == 0)
            {
                return false;
            }

            if (start == _url.Start)
            {
                _url = NextUrl();
            }
            else
            {
                _string = NextString();
            }
        }
        while (start < _end);
        _end = start + length;
        return true;
    }

    private (int Start, int Length) NextUrl() => _urls.Next(out var start, out var length) ? (start, length) : (_length, 0);

    private (int Start, int Length) NextString() => _strings.Next(out var start, out var length) ? (start, length) : (_length, 0);
}
