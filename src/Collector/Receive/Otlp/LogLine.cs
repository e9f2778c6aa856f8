using Collector.Model;
using Collector.Protobuf;
using Collector.Receive.Rows;

namespace Collector.Receive.Otlp;

/// <summary>The body of a log that is a map, or the JSON text of an object.</summary>
internal struct StructuredLine
{
    public bool IsThere;

    public JsonValue Value;

    /// <summary>It came as text.</summary>
    public bool IsText;

    /// <summary>All of its members are attributes of the record too, and not written there.</summary>
    public bool IsInAttributes;

    /// <summary>As JSON, without its secrets.</summary>
    public Slice Json;

    /// <summary>What is understood of it.</summary>
    public StructuredFields Fields;
}

/// <summary>Reads structured bodies, by the rules that all structured lines have.</summary>
internal sealed class LogLine(RowBatch batch, MappingRules rules, OtlpContext tools)
{
    private static readonly Place _place = new("body");

    // Most bodies are plain texts: for them nothing is cleared and nothing copied.
    private StructuredLine _line;

    /// <summary>What is understood of the body; valid until the next call.</summary>
    public ref readonly StructuredLine Read(in AnyValue body)
    {
        if (_line.IsThere)
        {
            _line = default;
        }

        ref var line = ref _line;
        if (body.Kind == ValueKind.Map)
        {
            var start = tools.Json.Length;
            tools.Json.Limit = int.MaxValue;
            tools.AnyValues.Write(body, Secrecy.None, _place);
            line.Json = tools.Json.SliceSince(start);
            tools.Lines.Table.Clear();
            // After too many texts that were not JSON no more are read, and this has no fields; it is a body all the same.
            line.IsThere = true;
            _ = tools.Lines.Table.TryRead(line.Json, out line.Value);
            line.Fields = tools.Lines.Lines.Read(line.Value);
        }
        else if (body.Kind == ValueKind.Text && TryTrim(body.Content, out var text))
        {
            tools.Lines.Table.Clear();
            if (tools.Lines.Table.TryRead(text, out line.Value))
            {
                line.IsThere = line.IsText = true;
                line.Fields = tools.Lines.Lines.Read(line.Value);
                line.Json = Redacted(line.Value);
                line.IsInAttributes = tools.Attributes.Count > 0 && new SameMembers(batch, tools).AreAttributes(line.Value);
            }
        }

        return ref line;
    }

    /// <summary>The time that the record's attributes or its body say; false where they say none.</summary>
    public bool TryTime(in StructuredLine line, out ulong nanos)
    {
        var value = tools.Attributes.ValueOf(Meaning.Time);
        var isTime = value.Kind switch
        {
            ValueKind.Text => LineTime.TryRead(batch.Text(value.Content), out nanos),
            ValueKind.Integer => LineTime.TryNumber(value.AsInteger, out nanos),
            ValueKind.Real when Math.Abs(value.AsReal) < 1e20 => LineTime.TryNumber((decimal)value.AsReal, out nanos),
            _ => Nothing(out nanos),
        };
        return isTime || (line.IsThere && tools.Lines.Lines.TryTime(line.Fields.Time.Value, out nanos));
    }

    /// <summary>The record is about an exception.</summary>
    public bool IsException(in StructuredLine line) =>
        tools.Attributes.HasException || HasErrorObject() || (line.IsThere && tools.Lines.Exceptions.IsIn(line.Fields));

    // As zap and pino write an error that a forwarder has parsed.
    private bool HasErrorObject()
    {
        if (tools.Attributes.ValueOf(Meaning.Error) is not { Kind: ValueKind.Map } error)
        {
            return tools.Attributes.ValueOf(Meaning.Error) is { Kind: ValueKind.Text } text
                && !StackText.Line(text.Content, batch.Text(text.Content)).IsEmpty && batch.Text(text.Content).Contains((byte)'\n');
        }

        var body = batch.Body.Written;
        for (var members = new WireReader(body, error.Content); members.Next();)
        {
            var name = batch.Text(AttributeList.Read(body, members.Payload).Key);
            if (name.SequenceEqual("message"u8) || name.StartsWith("stack"u8))
            {
                return true;
            }
        }

        return false;
    }

    private Slice Redacted(JsonValue value)
    {
        var start = tools.Json.Length;
        tools.Json.Limit = start + (rules.MaxRowBytes / 2);
        if (!tools.Lines.Values.TryWrite(value, Secrecy.None, _place))
        {
            return default;
        }

        return tools.Json.SliceSince(start);
    }

    // To find out that a text is not JSON costs an exception: most are told by their ends.
    private bool TryTrim(Slice text, out Slice trimmed)
    {
        var bytes = batch.Text(text);
        trimmed = default;
        if (bytes.Length < 2 || (bytes[0] > ' ' && bytes[0] is not ((byte)'{' or 0xEF)))
        {
            return false;
        }

        var start = JsonTable.ByteOrderMarkOf(bytes);
        while (start < bytes.Length && bytes[start] <= ' ')
        {
            start++;
        }

        var end = bytes.Length;
        while (end > start && bytes[end - 1] <= ' ')
        {
            end--;
        }

        trimmed = text.Part(start, end - start);
        return end - start >= 2 && bytes[start] == '{' && bytes[end - 1] == '}';
    }

    private static bool Nothing(out ulong nanos)
    {
        nanos = 0;
        return false;
    }
}
