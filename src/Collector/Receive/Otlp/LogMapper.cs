using Collector.Model;
using Collector.Protobuf;
using Collector.Receive.Rows;

namespace Collector.Receive.Otlp;

/// <summary>From a LogRecord to its row.</summary>
internal sealed class LogMapper(RowBatch batch, MappingRules rules, OtlpContext tools)
{
    private readonly LogMessage _message = new(batch, rules, tools);
    private readonly LogLine _line = new(batch, rules, tools);

    /// <summary>
    /// In four steps, since they share one buffer: (1) read the record, (2) understand its body where that is structured, (3) build
    /// the texts of its columns, (4) write the context, with the notes of all steps at its end.
    /// </summary>
    public void Map(Slice record, in Origin origin)
    {
        tools.Notes.Clear();
        tools.Attributes.Clear();
        var log = Read(record);
        ref readonly var line = ref _line.Read(log.Body);
        var row = Columns(log, line, origin, out var grade);
        var body = _message.Of(log, line, record.Length, out row.Message);
        row.Message = tools.Message(row.Message, rules.MaxRowBytes / 2);
        tools.FlagTime(ref row.TimestampNanos);
        row.Context = Context(log, body, grade, row.Message.Length);
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

    private Row Columns(in LogRecord log, in StructuredLine line, in Origin origin, out Grade grade)
    {
        if (log.Severity is < 0 or > (int)Severity.Largest)
        {
            tools.Notes.Add("severity_number", $"{log.Severity} is out of range");
        }

        var columns = tools.Columns;
        var isException = _line.IsException(line);
        var trace = columns.TraceId(log.TraceId, line.Fields);
        var worker = origin.Worker.IsEmpty ? columns.Worker() : origin.Worker;
        grade = GradeOf(log, line);
        return new Row
        {
            Worker = worker.IsEmpty ? tools.UnknownWorker() : worker,
            RequestId = columns.RequestId(line.Fields),
            CorrelationId = columns.CorrelationId(line.Fields, trace),
            Outcome = columns.Outcome(),
            TraceId = trace,
            SpanId = columns.SpanId(log.SpanId, line.Fields),
            TimestampNanos = TimeOf(log, line),
            ExecutionTimeMs = columns.ExecutionTime(),
            WallTimeMs = columns.WallTime(),
            Resource = origin.Resource,
            Level = Severity.LevelOf(grade, isException ? Level.Error : Level.Info),
            Kind = isException ? Kind.Exception : Kind.Log,
        };
    }

    // The first that says something: a forwarder's severity text may be any word of the line that it parsed.
    private Grade GradeOf(in LogRecord log, in StructuredLine line)
    {
        var grade = Severity.OfNumber(log.Severity);
        grade = grade != Grade.None || log.SeverityText.IsEmpty ? grade : Severity.OfText(batch.Text(log.SeverityText));
        grade = grade != Grade.None ? grade : AttributeList.GradeOf(batch.Body.Written, tools.Attributes.ValueOf(Meaning.Level));
        return grade != Grade.None || !line.IsThere ? grade : tools.Lines.Lines.GradeOf(line.Fields.Level.Value);
    }

    // What a forwarder observed is later than what the line says.
    private ulong TimeOf(in LogRecord log, in StructuredLine line) =>
        log.Time != 0 ? log.Time
        : _line.TryTime(line, out var nanos) ? nanos
        : log.ObservedTime != 0 ? log.ObservedTime
        : batch.TimeOfUntimedRow();

    private Slice Context(in LogRecord log, in KeptBody body, Grade grade, int messageLength)
    {
        var context = tools.Context;
        var rest = log.SeverityText.Length + log.EventName.Length + body.Text.Length + body.Line.Length;
        tools.Json.Limit = tools.Json.Length + rules.MaxRowBytes - messageLength;
        var start = context.Begin();
        tools.AnyValues.Attributes(tools.Attributes, "attributes", rest);
        context.Number("\"severity_number\":"u8, log.Severity);
        context.Text("\"severity_text\":"u8, log.SeverityText, "severity_text");
        context.Grade(grade, Severity.OfNumber(log.Severity));
        context.Timestamp("\"observed_timestamp\":"u8, log.ObservedTime);
        context.Text("\"event_name\":"u8, log.EventName, "event_name");
        context.Number("\"flags\":"u8, log.Flags);
        context.Number("\"dropped_attributes_count\":"u8, log.DroppedAttributes);
        context.Body(body.Text, body.Line);
        context.Flag("\"body_is_text\":"u8, body.IsText);
        context.Flag("\"body_in_attributes\":"u8, body.IsInAttributes);
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
