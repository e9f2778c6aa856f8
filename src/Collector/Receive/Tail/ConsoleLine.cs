using Collector.Model;

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

    /// <summary>Fills in what was not known of whose line it is, and keeps the rest as attributes.</summary>
    public void AddContext(RowBatch batch, JsonValue context)
    {
        if (!context.IsObject)
        {
            return;
        }

        var fields = default(StructuredFields);
        fields.Add(batch, context);
        Fields.CorrelationId = Fields.CorrelationId.IsPresent ? Fields.CorrelationId : fields.CorrelationId;
        Fields.SpanId = Fields.TraceId.IsPresent ? Fields.SpanId : fields.SpanId;
        Fields.TraceId = Fields.TraceId.IsPresent ? Fields.TraceId : fields.TraceId;
        Context = context;
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
    public void Add(RowBatch batch, JsonValue structured)
    {
        for (var walk = new JsonWalk(batch, structured); walk.Next();)
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

    /// <summary>Members that stand in a column as they came.</summary>
    public readonly bool IsInColumn(JsonValue value) =>
        value.IsPresent && ((value == Message && value.IsString && value.Raw.Length > 2)
            || (value == TraceId && value.IsString) || (value == SpanId && value.IsString));

    private static void First(ref JsonValue field, JsonValue value)
    {
        if (!field.IsPresent)
        {
            field = value;
        }
    }
}
