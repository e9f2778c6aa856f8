using Collector.Model;
using Collector.Protobuf;
using Collector.Receive.Rows;

namespace Collector.Receive.Otlp;

/// <summary>What the context keeps of a body beside the message.</summary>
/// <param name="Text">As it came.</param>
/// <param name="Line">JSON that was built of it.</param>
/// <param name="IsText">The JSON came as text.</param>
/// <param name="IsInAttributes">As in <see cref="StructuredLine"/>.</param>
internal readonly record struct KeptBody(Slice Text, Slice Line, bool IsText, bool IsInAttributes);

/// <summary>What a log record says to a human.</summary>
internal sealed class LogMessage(RowBatch batch, MappingRules rules, OtlpContext tools)
{
    // Of a record that has nothing but attributes.
    private const int LongestList = 1024;

    private readonly SecretCopies _copies = new(batch, tools);
    private readonly MessageTemplate _template = new(batch, tools.Attributes, tools.Json, tools.AnyValues);

    private static readonly Place _place = new("message");
    private static readonly Place _bodyPlace = new("body");

    /// <summary>Builds the message; returns what the context must keep of the body.</summary>
    public KeptBody Of(in LogRecord log, in StructuredLine line, int recordLength, out Slice message)
    {
        var room = RoomForMessage(recordLength - log.Body.Content.Length);
        if (log.Body.Kind is not (ValueKind.Map or ValueKind.Array))
        {
            tools.Notes.Relay(_bodyPlace, log.Body.Message);
        }

        if (line.IsThere)
        {
            return Structured(line, room, out message);
        }

        var kept = default(KeptBody);
        var start = tools.Json.Length;
        switch (log.Body.Kind)
        {
            case ValueKind.Text when !log.Body.Content.IsEmpty:
                message = OfText(log.Body.Content, room, out var whole);
                return new KeptBody(whole, default, false, false);
            case ValueKind.Array:
                message = OfArray(log.Body, out var array);
                kept = new KeptBody(default, array, false, false);
                break;
            case ValueKind.Bytes:
                tools.Json.BareBase64(batch.Text(log.Body.Content));
                message = tools.Json.SliceSince(start);
                break;
            case ValueKind.Empty or ValueKind.Text or ValueKind.Map:
                message = WithoutBody(log, room);
                break;
            default:
                tools.AnyValues.Bare(log.Body);
                message = tools.Json.SliceSince(start);
                break;
        }

        message = tools.Text(message, room, _place);
        return kept;
    }

    /// <summary>What an exception's attributes say: "Type: message", or what there is of it.</summary>
    public static Slice OfException(RowBatch batch, OtlpContext tools)
    {
        var type = TextOf(tools, Meaning.ExceptionType);
        var text = TextOf(tools, Meaning.ExceptionMessage);
        var stack = TextOf(tools, Meaning.ExceptionStack) is { IsEmpty: false } own ? own : TextOf(tools, Meaning.Stack);
        var line = stack.IsEmpty ? default : StackText.Line(stack, batch.Text(stack));
        if (!line.IsEmpty && IsPoorer(batch.Text(type), batch.Text(text), batch.Text(line)))
        {
            return line;
        }

        return type.IsEmpty ? text : text.IsEmpty ? type : tools.Joined(type, text);
    }

    // The stack's line is about the same exception, and says more: Python sends the first argument only.
    private static bool IsPoorer(ReadOnlySpan<byte> type, ReadOnlySpan<byte> text, ReadOnlySpan<byte> line)
    {
        var name = type[(type.LastIndexOf((byte)'.') + 1)..];
        return line.Length > type.Length + text.Length + (type.IsEmpty || text.IsEmpty ? 0 : 2)
            && line.IndexOf(name) >= 0 && line.IndexOf(text) >= 0;
    }

    private static Slice TextOf(OtlpContext tools, Meaning meaning) =>
        tools.Attributes.ValueOf(meaning) is { Kind: ValueKind.Text } value ? value.Content : default;

    // Half of the row at least; all of it that the rest, doubled for quotes and names, does not need.
    private int RoomForMessage(int rest) =>
        rules.MaxRowBytes - (int)Math.Min(rules.MaxRowBytes / 2, (2L * rest) + 512);

    private Slice OfText(Slice body, int room, out Slice kept)
    {
        kept = body;
        if (IsTemplate(body) && _template.TryFill(body, room, out var filled))
        {
            return filled;
        }

        // Of a line that somebody has taken apart, its message; what a secret attribute lost, no copy of the line keeps.
        var part = PartOf(body);
        var secrets = tools.Attributes.HasSecrets ? _copies.Read(room) : 0;
        var safe = secrets > 0 ? _copies.Without(part) : part;
        var clean = tools.Text(safe, room, _place, part.Length);
        var message = PlainText.WithoutColours(batch, clean);
        kept = part == body && message == clean ? default : secrets > 0 ? _copies.Without(body) : body;
        return message;
    }

    // Only where the record says so: in whatever else is sent, braces are what somebody wrote.
    private bool IsTemplate(Slice body)
    {
        if (tools.Attributes.Has(Meaning.Template))
        {
            var template = TextOf(tools, Meaning.Template);
            return template.Length == body.Length && batch.Text(template).SequenceEqual(batch.Text(body));
        }

        return tools.SendsTemplates;
    }

    private Slice PartOf(Slice body)
    {
        var part = TextOf(tools, Meaning.Message);
        return !part.IsEmpty && part.Length < body.Length && IsOwnName(Meaning.Message) && batch.Text(body).IndexOf(batch.Text(part)) >= 0
            ? part : body;
    }

    // The attributes message and msg: others of that meaning are something else where they don't stand in a line.
    private bool IsOwnName(Meaning meaning) => tools.Attributes.RankOf(meaning) is 1 or 2;

    private Slice WithoutBody(in LogRecord log, int room)
    {
        if (IsOwnName(Meaning.Message) && TextOf(tools, Meaning.Message) is { IsEmpty: false } own)
        {
            return own;
        }

        var exception = OfException(batch, tools);
        exception = exception.IsEmpty ? TextOf(tools, Meaning.Error) : exception;
        var isNamed = !log.EventName.IsEmpty && !IsPlace(batch.Text(log.EventName));
        return !exception.IsEmpty ? exception : isNamed ? log.EventName : List(Math.Min(room, LongestList)) is { IsEmpty: false } list ? list
            : log.EventName;
    }

    // "event src/main.rs:148", as tracing names what has no name.
    private static bool IsPlace(ReadOnlySpan<byte> name)
    {
        var colon = name.LastIndexOf((byte)':');
        return name.StartsWith("event "u8) && colon > 0 && colon < name.Length - 1 && name[(colon + 1)..].IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;
    }

    // name=value name=value, as far as there is room.
    private Slice List(int room)
    {
        var start = tools.Json.Length;
        tools.Json.Limit = start + room;
        foreach (ref readonly var item in tools.Attributes.Items)
        {
            // Maps and lists are for those who look closer; "{OriginalFormat}" is not the record's.
            var before = tools.Json.Length;
            if (AnyValue.Read(batch.Body.Written, item.Value).Kind is ValueKind.Empty or ValueKind.Array or ValueKind.Map
                || batch.Text(item.Key).StartsWith("{"u8))
            {
                continue;
            }

            if (before > start)
            {
                tools.Json.Raw((byte)' ');
            }

            Utf8Text.AppendClean(batch.Built, batch.Text(item.Key));
            tools.Json.Raw((byte)'=');
            if (!_template.TryValue(item) || tools.Json.RoomLeft < 0)
            {
                tools.Json.Truncate(before);
                break;
            }
        }

        return tools.Json.SliceSince(start);
    }

    // The context keeps the body as JSON, which is the message too unless the body brings its own.
    private KeptBody Structured(in StructuredLine line, int room, out Slice message)
    {
        var lines = tools.Lines;
        message = line.Fields.Message.IsPresent ? lines.Texts.Column(line.Fields.Message.Value, room, "message")
            : line.Fields.Template.IsPresent ? lines.Templates.Fill(line.Value, line.Fields.Template.Value, room)
            : lines.Exceptions.Text(line.Fields, room);
        message = message.IsEmpty ? tools.Text(line.Json, room, _place) : PlainText.WithoutColours(batch, message);
        if (line.Json.Length <= rules.MaxRowBytes / 2 && !line.Json.IsEmpty)
        {
            return new KeptBody(default, line.Json, line.IsText, line.IsInAttributes);
        }

        tools.Notes.Add(_bodyPlace, ContextWriter.TooLong);
        return default;
    }

    private Slice OfArray(in AnyValue body, out Slice kept)
    {
        var json = tools.Json;
        var start = json.Length;
        json.Limit = start + (rules.MaxRowBytes / 2);
        var fits = tools.AnyValues.Write(body, Secrecy.None, _bodyPlace);
        var built = json.SliceSince(start);
        kept = fits ? built : default;
        if (!fits)
        {
            tools.Notes.Add(_bodyPlace, ContextWriter.TooLong);
        }

        return built;
    }
}
