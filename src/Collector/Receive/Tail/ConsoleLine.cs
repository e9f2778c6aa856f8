using System.Text.Json;
using Collector.Receive.Rows;

namespace Collector.Receive.Tail;

/// <summary>One call of the console: its members, and the fields of its structured argument, if it has one.</summary>
internal struct ConsoleLine
{
    /// <summary>The entry as a whole.</summary>
    public JsonValue Entry;

    public JsonValue Level;
    public JsonValue Timestamp;

    /// <summary>Mostly an array of arguments.</summary>
    public JsonValue Arguments;

    public JsonValue First;
    public int Count;

    /// <summary>The only argument, if it is an object, or the text of one.</summary>
    public JsonValue Structured;

    public StructuredFields Fields;

    /// <summary>An object that came beside the arguments, and says more of the line.</summary>
    public JsonValue Context;

    /// <summary>Reads an entry of the console. The text of an object among its arguments is built on the first reading: later
    /// ones find it in the table, so that a context may stand open.</summary>
    public static ConsoleLine Read(TailContext tools, JsonValue entry)
    {
        var table = tools.Table;
        var line = new ConsoleLine { Entry = entry };
        if (entry.IsObject)
        {
            line.Arguments = table.Member(entry, "message"u8);
            line.Level = table.Member(entry, "level"u8);
            line.Timestamp = table.Member(entry, "timestamp"u8);
        }
        else
        {
            line.Arguments = entry;
        }

        line.First = line.Arguments;
        line.Count = line.Arguments.Kind == JsonTokenType.None ? 0 : 1;
        if (line.Arguments.IsArray)
        {
            line.ReadArguments(table);
        }

        line.Structured = line.Count == 1 ? tools.Texts.Structured(line.First) : default;
        line.Fields.Add(table, line.Structured);
        return line;
    }

    /// <summary>Fills in what was not known of whose line it is, and keeps the rest as attributes.</summary>
    public void AddContext(JsonTable table, JsonValue context)
    {
        var fields = default(StructuredFields);
        fields.Add(table, context);
        Fields.AddIds(fields);
        Context = context;
    }

    private void ReadArguments(JsonTable table)
    {
        Count = 0;
        for (var walk = table.Walk(Arguments); walk.Next();)
        {
            First = Count++ == 0 ? walk.Value : First;
            if (walk.Value.IsObject)
            {
                // One of several: a line about something, which may still say whose it is.
                var fields = default(StructuredFields);
                fields.Add(table, walk.Value);
                Fields.AddIds(fields with { SpanId = default });
            }
        }
    }
}

/// <summary>Fields of an object that loggers write and that columns are made for.</summary>
internal struct StructuredFields
{
    public JsonValue Message;
    public JsonValue Level;
    public JsonValue CorrelationId;
    public JsonValue TraceId;
    public JsonValue SpanId;

    /// <summary>Adds what the object has and was not there yet.</summary>
    public void Add(JsonTable table, JsonValue structured)
    {
        for (var walk = table.Walk(structured); walk.Next();)
        {
            var name = walk.NameText;
            switch (name.Length)
            {
                case 3 when name.SequenceEqual("msg"u8): First(ref Message, walk.Value); break;
                case 5 when name.SequenceEqual("level"u8): First(ref Level, walk.Value); break;
                case 6 when name.SequenceEqual("spanId"u8): First(ref SpanId, walk.Value); break;
                case 7 when name.SequenceEqual("message"u8): First(ref Message, walk.Value); break;
                case 7 when name.SequenceEqual("traceId"u8): First(ref TraceId, walk.Value); break;
                case 7 when name.SequenceEqual("span_id"u8): First(ref SpanId, walk.Value); break;
                case 8 when name.SequenceEqual("severity"u8): First(ref Level, walk.Value); break;
                case 8 when name.SequenceEqual("trace_id"u8): First(ref TraceId, walk.Value); break;
                case 13 when name.SequenceEqual("correlationId"u8): First(ref CorrelationId, walk.Value); break;
                case 14 when name.SequenceEqual("correlation_id"u8): First(ref CorrelationId, walk.Value); break;
                case 14 when name.SequenceEqual("correlation.id"u8): First(ref CorrelationId, walk.Value); break;
            }
        }
    }

    /// <summary>Adds ids that were not there yet; a span id belongs to its trace id.</summary>
    public void AddIds(in StructuredFields other)
    {
        First(ref CorrelationId, other.CorrelationId);
        SpanId = TraceId.IsPresent ? SpanId : other.SpanId;
        First(ref TraceId, other.TraceId);
    }

    /// <summary>Members that stand in a column as they came.</summary>
    public readonly bool IsInColumn(JsonValue value) =>
        value.IsPresent && ((value == Message && value.IsString && !value.Text.IsEmpty)
            || (value == TraceId && value.IsString) || (value == SpanId && value.IsString));

    private static void First(ref JsonValue field, JsonValue value)
    {
        if (!field.IsPresent)
        {
            field = value;
        }
    }
}
