using Collector.Model;
using Collector.Receive.Rows;

namespace Collector.Receive.Tail;

/// <summary>
/// Makes a line of a console's arguments as the console does: those that follow fill the format specifiers of the first, and
/// spaces separate the rest. It writes objects as JSON. Source: console.spec.whatwg.org, Formatter.
/// </summary>
internal sealed class ConsoleFormat(RowBatch batch, TailContext tools)
{
    private static readonly Place _place = new("message");

    private readonly JsonText _json = tools.Json;

    /// <summary>Builds the line, at most <paramref name="room"/> bytes long.</summary>
    public Slice Line(JsonValue arguments, int room)
    {
        var start = _json.Length;
        _json.Limit = start + room;
        var isWhole = arguments.IsArray ? Arguments(arguments) : Argument(arguments);
        if (!isWhole)
        {
            tools.Notes.Add(_place, "cut, row too long");
        }

        return _json.SliceSince(start);
    }

    private bool Arguments(JsonValue arguments)
    {
        var walk = tools.Table.Walk(arguments);
        if (!walk.Next())
        {
            return true;
        }

        // Formatting reads the first argument from its place, since it writes the others at the same time.
        var first = walk.Value;
        var isWhole = first.IsString ? Format(first, ref walk) : Argument(first);
        while (isWhole && walk.Next())
        {
            isWhole = TryRaw(" "u8) && Argument(walk.Value);
        }

        return isWhole;
    }

    private bool Format(JsonValue format, ref JsonTable.Walker rest)
    {
        var done = 0;
        while (true)
        {
            var text = batch.Text(format.Text)[done..];
            var percent = text.IndexOf((byte)'%');
            if (percent < 0 || percent + 1 >= text.Length)
            {
                return TryText(format with { Text = format.Text.Part(done, text.Length) });
            }

            var specifier = text[percent + 1];
            if (specifier == (byte)'%')
            {
                // Both stand where nothing is filled in, one where something might be.
                percent++;
            }
            else if (!"sdifoOcj"u8.Contains(specifier) || !rest.Next())
            {
                // Only it: what follows may be the beginning of an escape.
                percent++;
                specifier = 0;
            }

            if (!TryText(format with { Text = format.Text.Part(done, percent) }) || (specifier is not (0 or (byte)'%') && !Fill(specifier, rest.Value)))
            {
                return false;
            }

            done += percent + (specifier == 0 ? 0 : specifier == (byte)'%' ? 1 : 2);
        }
    }

    private bool Fill(byte specifier, JsonValue value) => specifier switch
    {
        // A style sheet for a browser's console.
        (byte)'c' => true,
        (byte)'d' or (byte)'i' or (byte)'f' when !value.IsNumber => TryRaw("NaN"u8),
        (byte)'d' or (byte)'i' => TryRaw(WholePart(value, specifier == (byte)'i')),
        (byte)'o' or (byte)'O' or (byte)'j' => tools.JsonValues.TryWrite(value, Secrecy.None, _place),
        _ => Argument(value),
    };

    private ReadOnlySpan<byte> WholePart(JsonValue number, bool isInteger)
    {
        var digits = batch.Text(number.Text);
        var dot = digits.IndexOf((byte)'.');
        return isInteger && dot >= 0 && digits.IndexOfAny("eE"u8) < 0 ? digits[..dot] : digits;
    }

    private bool Argument(JsonValue value) => value.IsString
        ? TryText(value)
        : tools.JsonValues.TryWrite(value, Secrecy.None, _place);

    private bool TryText(JsonValue text)
    {
        var plain = tools.Texts.Plain(text, out _);
        var length = Utf8Text.Cut(plain, _json.RoomLeft);
        Utf8Text.AppendClean(batch.Built, plain[..length]);
        return length == plain.Length;
    }

    private bool TryRaw(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _json.RoomLeft)
        {
            return false;
        }

        _json.Raw(bytes);
        return true;
    }
}
