using Collector.Model;
using Collector.Protobuf;
using Collector.Receive.Rows;

namespace Collector.Receive.Otlp;

/// <summary>From a Span to its row, and to one more for each exception among its events.</summary>
internal sealed class SpanMapper(RowBatch batch, MappingRules rules, OtlpContext tools)
{
    private const double NanosPerMillisecond = 1e6;

    private readonly SpanContext _context = new(batch, rules, tools);

    /// <summary>The steps are those of <see cref="LogMapper.Map"/>.</summary>
    public void Map(Slice message, in Origin origin)
    {
        tools.Notes.Clear();
        tools.Attributes.Clear();
        var span = Read(message);
        var row = Columns(span, origin);
        row.Message = tools.Message(Message(span), rules.MaxRowBytes / 2);
        tools.FlagTime(ref row.TimestampNanos);
        row.Context = _context.OfSpan(span, message, row.Message.Length);
        batch.Add(row);
        if (span.Exceptions > 0)
        {
            AddExceptions(message, span, row);
        }
    }

    private Span Read(Slice message)
    {
        Span span = default;
        tools.Notes.Relay(default, message);
        var body = batch.Body.Written;
        for (var reader = new WireReader(body, message); reader.Next();)
        {
            switch (reader.Field)
            {
                case Field.SpanTraceId: span.TraceId = reader.Payload; break;
                case Field.SpanSpanId: span.SpanId = reader.Payload; break;
                case Field.SpanTraceState: span.TraceState = reader.Payload; break;
                case Field.SpanParentSpanId: span.ParentSpanId = reader.Payload; break;
                case Field.SpanName: span.Name = reader.Payload; break;
                case Field.SpanKind: span.Kind = (int)reader.Number; break;
                case Field.SpanStart: span.Start = reader.Number; break;
                case Field.SpanEnd: span.End = reader.Number; break;
                case Field.SpanAttributes: tools.Attributes.Add(body, reader.Payload); break;
                case Field.SpanDroppedAttributes: span.DroppedAttributes = (uint)reader.Number; break;
                case Field.SpanEvents: CountEvent(ref span, reader.Payload); break;
                case Field.SpanDroppedEvents: span.DroppedEvents = (uint)reader.Number; break;
                case Field.SpanLinks: span.Links++; break;
                case Field.SpanDroppedLinks: span.DroppedLinks = (uint)reader.Number; break;
                case Field.SpanStatus: ReadStatus(ref span, reader.Payload); break;
                case Field.SpanFlags: span.Flags = (uint)reader.Number; break;
            }
        }

        return span;
    }

    private void CountEvent(ref Span span, Slice message)
    {
        if (SpanEvent.Read(batch, rules.Names, message).IsException)
        {
            span.Exceptions++;
        }
        else
        {
            span.Events++;
        }
    }

    private void ReadStatus(ref Span span, Slice message)
    {
        tools.Notes.Relay(new Place("status"), message);
        for (var reader = new WireReader(batch.Body.Written, message); reader.Next();)
        {
            switch (reader.Field)
            {
                case Field.StatusMessage: span.StatusMessage = reader.Payload; break;
                case Field.StatusCode: span.StatusCode = (int)reader.Number; break;
            }
        }
    }

    private Row Columns(in Span span, in Origin origin)
    {
        var columns = tools.Columns;
        var trace = columns.TraceId(span.TraceId, default);
        var worker = origin.Worker.IsEmpty ? columns.Worker() : origin.Worker;
        var outcome = columns.Outcome();
        var facts = span.Facts;
        columns.AddTo(ref facts);
        var failed = Outcomes.IsFailure(facts);
        return new Row
        {
            Worker = worker.IsEmpty ? tools.UnknownWorker() : worker,
            RequestId = columns.RequestId(default),
            CorrelationId = columns.CorrelationId(default, trace),
            Outcome = outcome.IsEmpty ? tools.Built(failed ? "error"u8 : "ok"u8) : outcome,
            TraceId = trace,
            SpanId = columns.SpanId(span.SpanId, "span_id"),
            ParentSpanId = columns.SpanId(span.ParentSpanId, "parent_span_id"),
            TimestampNanos = span.Start != 0 ? span.Start : span.End != 0 ? span.End : batch.TimeOfUntimedRow(),
            ExecutionTimeMs = columns.ExecutionTime(),
            WallTimeMs = columns.WallTime() ?? WallTime(span),
            Resource = origin.Resource,
            Level = Outcomes.LevelOf(outcome.IsEmpty ? default : batch.Text(outcome), failed),
            Kind = span.IsServer ? Kind.Request : Kind.Span,
        };
    }

    private double? WallTime(in Span span)
    {
        if (span.Start == 0 || span.End == 0)
        {
            return null;
        }

        if (span.End < span.Start)
        {
            tools.Notes.Add("end_timestamp", "before the start, no duration");
            return null;
        }

        return (span.End - span.Start) / NanosPerMillisecond;
    }

    private Slice Message(in Span span)
    {
        var message = span.StatusMessage.IsEmpty ? span.Name
            : span.Name.IsEmpty ? span.StatusMessage
            : tools.Joined(span.Name, span.StatusMessage);
        return tools.Text(message, rules.MaxRowBytes / 2, new Place("message"));
    }

    private void AddExceptions(Slice message, in Span span, in Row spanRow)
    {
        for (var reader = new WireReader(batch.Body.Written, message); reader.Next();)
        {
            if (reader.Field != Field.SpanEvents)
            {
                continue;
            }

            var spanEvent = SpanEvent.Read(batch, rules.Names, reader.Payload);
            if (spanEvent.IsException)
            {
                AddException(spanEvent, reader.Payload, span, spanRow);
            }
        }
    }

    private void AddException(in SpanEvent spanEvent, Slice message, in Span span, in Row spanRow)
    {
        tools.Notes.Clear();
        SpanEvent.ReadAttributes(batch, message, tools);
        var row = spanRow with
        {
            TimestampNanos = spanEvent.Time != 0 ? spanEvent.Time : spanRow.TimestampNanos,
            ParentSpanId = 0,
            ExecutionTimeMs = null,
            WallTimeMs = null,
            Level = Level.Error,
            Kind = Kind.Exception,
            Outcome = tools.Built("exception"u8),
        };
        var text = tools.Text(LogMessage.OfException(batch, tools), rules.MaxRowBytes / 2, new Place("message"));
        row.Message = tools.Message(text, rules.MaxRowBytes / 2);
        tools.FlagTime(ref row.TimestampNanos);
        row.Context = _context.OfException(spanEvent, span, row.Message.Length);
        batch.Add(row);
    }
}
