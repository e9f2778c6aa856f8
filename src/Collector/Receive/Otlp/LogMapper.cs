using Collector.Model;
using Collector.Protobuf;
using Collector.Receive.Rows;

namespace Collector.Receive.Otlp;

/// <summary>From a LogRecord to its row.</summary>
internal sealed class LogMapper(RowBatch batch, MappingRules rules, OtlpContext tools)
{
    private readonly LogMessage _message = new(batch, rules, tools);

    /// <summary>
    /// In three steps, since they share one buffer: (1) read the record, (2) build the texts of its columns, (3) write the
    /// context, with the notes of all steps at its end.
    /// </summary>
    public void Map(Slice record, in Origin origin)
    {
        tools.Notes.Clear();
        tools.Attributes.Clear();
        var log = Read(record);
        var row = Columns(log, origin);
        var body = _message.Of(log, record.Length, out row.Message);
        tools.FlagTime(ref row.TimestampNanos);
        row.Context = Context(log, body, row.Message.Length);
        batch.Add(row);
    }

    private LogRecord Read(Slice record)
    {
        LogRecord log = default;
        tools.Notes.Relay(default, record);
        var body = batch.Body.Written;
        for (var reader = new WireReader(body, record); reader.Next();)
        {
            switch (reader.Field)
            {
                case Field.LogTime: log.Time = reader.Number; break;
                case Field.LogObservedTime: log.ObservedTime = reader.Number; break;
                case Field.LogSeverityNumber: log.Severity = (int)reader.Number; break;
                case Field.LogSeverityText: log.SeverityText = reader.Payload; break;
                case Field.LogBody: log.Body = AnyValue.Read(body, reader.Payload); break;
                case Field.LogAttributes: tools.Attributes.Add(body, reader.Payload); break;
                case Field.LogDroppedAttributes: log.DroppedAttributes = (uint)reader.Number; break;
                case Field.LogFlags: log.Flags = (uint)reader.Number; break;
                case Field.LogTraceId: log.TraceId = reader.Payload; break;
                case Field.LogSpanId: log.SpanId = reader.Payload; break;
                case Field.LogEventName: log.EventName = reader.Payload; break;
            }
        }

        return log;
    }

    private Row Columns(in LogRecord log, in Origin origin)
    {
        var attributes = tools.Attributes;
        var isException = attributes.Has(KnownKey.ExceptionType) || attributes.Has(KnownKey.ExceptionMessage)
            || attributes.Has(KnownKey.ExceptionStack);
        if (log.Severity is < 0 or > (int)Severity.Largest)
        {
            tools.Notes.Add("severity_number", $"{log.Severity} is out of range");
        }

        var columns = tools.Columns;
        var trace = columns.TraceId(log.TraceId, "trace_id");
        var worker = origin.Worker.IsEmpty ? columns.Worker() : origin.Worker;
        return new Row
        {
            Worker = worker.IsEmpty ? tools.UnknownWorker() : worker,
            RequestId = columns.RequestId(),
            CorrelationId = columns.CorrelationId(_message.BodyMember(log.Body, "correlation_id"u8), trace),
            Outcome = columns.Outcome(),
            TraceId = trace,
            SpanId = columns.SpanId(log.SpanId, "span_id"),
            TimestampNanos = log.Time != 0 ? log.Time : log.ObservedTime != 0 ? log.ObservedTime : batch.TimeOfUntimedRow(),
            ExecutionTimeMs = columns.ExecutionTime(),
            Resource = origin.Resource,
            Level = Severity.LevelOf(
                log.Severity, batch.Text(log.SeverityText), isException ? Level.Error : Level.Info),
            Kind = isException ? Kind.Exception : Kind.Log,
        };
    }

    private Slice Context(in LogRecord log, Slice body, int messageLength)
    {
        var context = tools.Context;
        tools.Json.Limit = tools.Json.Length + rules.MaxRowBytes - messageLength;
        var start = context.Begin();
        tools.AnyValues.Attributes(tools.Attributes, "attributes");
        context.Number("\"severity_number\":"u8, log.Severity);
        context.Text("\"severity_text\":"u8, log.SeverityText, "severity_text");
        context.Timestamp("\"observed_timestamp\":"u8, log.ObservedTime);
        context.Text("\"event_name\":"u8, log.EventName, "event_name");
        context.Number("\"flags\":"u8, log.Flags);
        context.Number("\"dropped_attributes_count\":"u8, log.DroppedAttributes);
        if (!body.IsEmpty)
        {
            context.Body(body);
        }

        return context.End(start);
    }
}

/// <summary>The fields of a LogRecord; its attributes are in the <see cref="AttributeList"/>.</summary>
internal struct LogRecord
{
    public ulong Time;
    public ulong ObservedTime;
    public int Severity;
    public Slice SeverityText;
    public AnyValue Body;
    public uint DroppedAttributes;
    public uint Flags;
    public Slice TraceId;
    public Slice SpanId;
    public Slice EventName;
}
