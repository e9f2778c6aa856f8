using Collector.Model;
using Collector.Protobuf;
using Collector.Receive.Rows;

namespace Collector.Receive.Otlp;

/// <summary>What a log record says to a human.</summary>
internal sealed class LogMessage(RowBatch batch, MappingRules rules, OtlpContext tools)
{
    private readonly MessageTemplate _template =
        new(batch, rules.Secrets, tools.Attributes, tools.Json, tools.AnyValues);

    private static readonly Place _place = new("message");
    private static readonly Place _bodyPlace = new("body");

    /// <summary>Builds the message; returns what the context must keep of the body, as text or as built JSON.</summary>
    public Slice Of(in LogRecord log, int recordLength, out Slice message)
    {
        var room = RoomForMessage(recordLength - log.Body.Content.Length);
        var kept = default(Slice);
        if (log.Body.Kind is not (ValueKind.Map or ValueKind.Array))
        {
            tools.Notes.Relay(_bodyPlace, log.Body.Message);
        }

        var start = tools.Json.Length;
        switch (log.Body.Kind)
        {
            case ValueKind.Text when _template.TryFill(log.Body.Content, room, out message):
                kept = log.Body.Content;
                break;
            case ValueKind.Text:
                message = log.Body.Content;
                break;
            case ValueKind.Map or ValueKind.Array:
                kept = Structured(log.Body, out message);
                break;
            case ValueKind.Bytes:
                tools.Json.BareBase64(batch.Text(log.Body.Content));
                message = tools.Json.SliceSince(start);
                break;
            case ValueKind.Empty:
                message = WithoutBody(log);
                break;
            default:
                tools.AnyValues.Bare(log.Body);
                message = tools.Json.SliceSince(start);
                break;
        }

        message = tools.Text(message, room, _place);
        return kept;
    }

    /// <summary>A member of a structured body, unless it is a secret; an empty value where there is none.</summary>
    public AnyValue BodyMember(in AnyValue body, ReadOnlySpan<byte> name)
    {
        if (body.Kind != ValueKind.Map || rules.Secrets.Of(name) == Secrecy.Secret)
        {
            return default;
        }

        var bytes = batch.Body.Written;
        for (var members = new WireReader(bytes, body.Content); members.Next();)
        {
            var member = members.Field == Field.Members ? AttributeList.Read(bytes, members.Payload) : default;
            if (batch.Text(member.Key).SequenceEqual(name))
            {
                return AnyValue.Read(bytes, member.Value);
            }
        }

        return default;
    }

    /// <summary>What an exception's attributes say: "Type: message", or what there is of it.</summary>
    public static Slice OfException(RowBatch batch, OtlpContext tools)
    {
        var type = tools.Attributes.ValueOf(KnownKey.ExceptionType);
        var text = tools.Attributes.ValueOf(KnownKey.ExceptionMessage);
        if (type.Kind != ValueKind.Text || text.Kind != ValueKind.Text || type.Content.IsEmpty || text.Content.IsEmpty)
        {
            return type.Kind == ValueKind.Text && !type.Content.IsEmpty ? type.Content
                : text.Kind == ValueKind.Text ? text.Content : default;
        }

        return tools.Joined(type.Content, text.Content);
    }

    // Half of the row at least; all of it that the rest, doubled for quotes and names, does not need.
    private int RoomForMessage(int rest) =>
        rules.MaxRowBytes - (int)Math.Min(rules.MaxRowBytes / 2, (2L * rest) + 512);

    private Slice WithoutBody(in LogRecord log)
    {
        // An event of that name is an exception: its type and message say more.
        var isNamed = !log.EventName.IsEmpty && !batch.Text(log.EventName).SequenceEqual("exception"u8);
        var exception = isNamed ? default : OfException(batch, tools);
        return exception.IsEmpty ? log.EventName : exception;
    }

    // The context keeps the body as JSON, which is the message too unless the body brings its own.
    private Slice Structured(in AnyValue body, out Slice message)
    {
        var json = tools.Json;
        var start = json.Length;
        json.Limit = start + (rules.MaxRowBytes / 2);
        var fits = tools.AnyValues.Write(body, Secrecy.None, _bodyPlace);
        var built = json.SliceSince(start);
        var own = BodyMember(body, "message"u8);
        own = own.Kind == ValueKind.Text ? own : BodyMember(body, "msg"u8);
        message = own.Kind == ValueKind.Text ? own.Content : built;
        if (fits)
        {
            return built;
        }

        tools.Notes.Add(_bodyPlace, ContextWriter.TooLong);
        return default;
    }
}
