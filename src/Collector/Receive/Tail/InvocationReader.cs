using Collector.Model;
using Collector.Receive.Rows;

namespace Collector.Receive.Tail;

/// <summary>Finds what all rows of an invocation share: worker, time, and the ids that tie it to others.</summary>
internal sealed class InvocationReader(RowBatch batch, TailContext tools)
{
    /// <param name="item">The item.</param>
    /// <param name="fields">Ids that are known already.</param>
    /// <param name="given">What is known already, and counts more than what the item says.</param>
    public Invocation Read(in TailItem item, StructuredFields fields = default, in Invocation given = default)
    {
        var invocation = given;
        fields.AddIds(tools.Lines.Read(item.TailAttributes));
        for (var walk = tools.Table.Walk(item.Logs); item.Logs.IsArray && walk.Next();)
        {
            fields.AddIds(ConsoleLine.Read(tools, walk.Value).Fields);
        }

        AddPublished(item.Diagnostics, ref fields);
        var headers = HeadersOf(item.Event);
        TraceParent(headers.TraceParent.Value, ref invocation);
        invocation.TraceId = invocation.TraceId != 0 ? invocation.TraceId : TraceId(fields.TraceId.Value);
        invocation.RequestId = Given(given.RequestId, headers.RequestId.Value, "request_id");
        invocation.RequestId = invocation.RequestId.IsEmpty ? LineId(fields.RequestId.Value, "request_id") : invocation.RequestId;
        invocation.Outcome = Id(item.Outcome, "outcome");
        invocation.TimestampNanos = given.TimestampNanos != 0 ? given.TimestampNanos : Time(item);
        var worker = Given(given.Worker, item.ScriptName, "scriptName");
        invocation.Worker = worker.IsEmpty ? tools.UnknownWorker() : worker;
        var correlation = given.CorrelationId.IsEmpty ? LineId(fields.CorrelationId.Value, "correlation_id") : given.CorrelationId;
        correlation = correlation.IsEmpty ? Id(headers.CorrelationId.Value, "x-correlation-id") : correlation;
        invocation.CorrelationId = !correlation.IsEmpty ? correlation
            : invocation.TraceId != 0 ? tools.TraceText(invocation.TraceId)
            : !given.RequestId.IsEmpty ? given.RequestId
            : tools.NewId();
        return invocation;
    }

    /// <summary>A trace id in any of its forms; 0 where it is none.</summary>
    public UInt128 TraceId(JsonValue value) => value.IsString && IdText.TryTrace(batch.Text(value.Text), out var id) ? id : 0;

    /// <summary>A span id in any of its forms; 0 where it is none.</summary>
    public ulong SpanId(JsonValue value) => value.IsString && IdText.TrySpan(batch.Text(value.Text), out var id) ? id : 0;

    private void AddPublished(JsonValue diagnostics, ref StructuredFields fields)
    {
        for (var walk = tools.Table.Walk(diagnostics); walk.Next() && !fields.CorrelationId.IsPresent;)
        {
            fields.AddIds(tools.Lines.Read(tools.Table.Member(walk.Value, "message"u8)));
        }
    }

    private EventHeaders HeadersOf(JsonValue invocationEvent)
    {
        EventHeaders found = default;
        var headers = tools.Table.Member(tools.Table.Member(invocationEvent, "request"u8), "headers"u8);
        for (var walk = tools.Table.Walk(headers); walk.Next();)
        {
            var match = tools.Names.Of(walk.NameText);
            if (match.RankAt(0) is > 0 and var rank && walk.Value.IsPresent)
            {
                switch (match.Meaning)
                {
                    case Meaning.TraceId: found.TraceParent.Offer(walk.Value, rank); break;
                    case Meaning.CorrelationId: found.CorrelationId.Offer(walk.Value, rank); break;
                    case Meaning.RequestId: found.RequestId.Offer(walk.Value, rank); break;
                }
            }
        }

        return found;
    }

    private ulong Time(in TailItem item)
    {
        if (tools.Texts.Time(item.EventTimestamp, "eventTimestamp") is { } time)
        {
            return time;
        }

        for (var walk = tools.Table.Walk(item.Logs); item.Logs.IsArray && walk.Next();)
        {
            if (tools.Texts.Time(tools.Table.Member(walk.Value, "timestamp"u8), "logs.timestamp") is { } lineTime)
            {
                return lineTime;
            }
        }

        return batch.TimeOfUntimedRow();
    }

    private void TraceParent(JsonValue header, ref Invocation invocation)
    {
        if (TraceId(header) is var trace && trace != 0)
        {
            invocation.TraceId = trace;
            invocation.ParentSpanId = IdText.IsTraceParent(batch.Text(header.Text)) ? SpanId(header) : 0;
        }
    }

    private Slice Id(JsonValue value, string place) => tools.Texts.Column(value, MappingContext.MaxIdBytes, place);

    private Slice Given(Slice given, JsonValue value, string place) => given.IsEmpty ? Id(value, place) : given;

    private Slice LineId(JsonValue value, string place) => value.IsPresent ? tools.Texts.Id(value, place) : default;

    private struct EventHeaders
    {
        public RankedValue TraceParent;
        public RankedValue CorrelationId;
        public RankedValue RequestId;
    }
}

/// <summary>What all rows of one invocation share.</summary>
internal struct Invocation
{
    public Slice Worker;
    public Slice RequestId;
    public Slice CorrelationId;
    public Slice Outcome;
    public UInt128 TraceId;

    /// <summary>The caller's span, from the request's traceparent.</summary>
    public ulong ParentSpanId;

    public ulong TimestampNanos;
    public int Resource;

    public readonly Row Row(Kind kind, Level level) => new()
    {
        Worker = Worker,
        RequestId = RequestId,
        CorrelationId = CorrelationId,
        TraceId = TraceId,
        ParentSpanId = ParentSpanId,
        TimestampNanos = TimestampNanos,
        Resource = Resource,
        Kind = kind,
        Level = level,
    };
}
