using System.Buffers.Text;
using System.Globalization;
using Collector.Model;
using Collector.Receive.Rows;

namespace Collector.Receive.Tail;

/// <summary>Finds what all rows of an invocation share: worker, time, and the ids that tie it to others.</summary>
internal sealed class InvocationReader(RowBatch batch, TailContext tools)
{
    private const int TraceIdDigits = 32;
    private const int SpanIdDigits = 16;

    // version "-" trace id "-" span id "-" flags. Source: w3.org/TR/trace-context.
    private const int TraceIdOffset = 3;
    private const int SpanIdOffset = TraceIdOffset + TraceIdDigits + 1;
    private const int TraceParentLength = SpanIdOffset + SpanIdDigits + 3;

    /// <param name="item">The item.</param>
    /// <param name="fields">Ids that are known already.</param>
    /// <param name="given">What is known already, and counts more than what the item says.</param>
    public Invocation Read(in TailItem item, StructuredFields fields = default, in Invocation given = default)
    {
        var invocation = given;
        fields.Add(tools.Table, item.TailAttributes);
        for (var walk = tools.Table.Walk(item.Logs); item.Logs.IsArray && walk.Next();)
        {
            fields.AddIds(ConsoleLine.Read(tools, walk.Value).Fields);
        }

        AddPublished(item.Diagnostics, ref fields);
        var headers = HeadersOf(item.Event);
        TraceParent(headers.TraceParent, ref invocation);
        invocation.TraceId = invocation.TraceId != 0 ? invocation.TraceId : TraceId(fields.TraceId);
        invocation.RequestId = Given(given.RequestId, headers.RequestId, "request_id");
        invocation.Outcome = Id(item.Outcome, "outcome");
        invocation.TimestampNanos = given.TimestampNanos != 0 ? given.TimestampNanos : Time(item);
        var worker = Given(given.Worker, item.ScriptName, "scriptName");
        invocation.Worker = worker.IsEmpty ? tools.UnknownWorker() : worker;
        var correlation = Given(given.CorrelationId, fields.CorrelationId, "correlation_id");
        correlation = correlation.IsEmpty ? Id(headers.CorrelationId, "x-correlation-id") : correlation;
        invocation.CorrelationId = !correlation.IsEmpty ? correlation
            : invocation.TraceId != 0 ? tools.TraceText(invocation.TraceId)
            : !given.RequestId.IsEmpty ? given.RequestId
            : tools.NewId();
        return invocation;
    }

    /// <summary>A trace id in hex of either case; 0 where it is none.</summary>
    public UInt128 TraceId(JsonValue value)
    {
        var hex = HexOf(value, TraceIdDigits);
        return UInt128.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id) ? id : 0;
    }

    /// <summary>A span id in hex of either case; 0 where it is none.</summary>
    public ulong SpanId(JsonValue value) => HexNumber(HexOf(value, SpanIdDigits));

    private void AddPublished(JsonValue diagnostics, ref StructuredFields fields)
    {
        for (var walk = tools.Table.Walk(diagnostics); walk.Next() && !fields.CorrelationId.IsPresent;)
        {
            fields.Add(tools.Table, tools.Table.Member(walk.Value, "message"u8));
        }
    }

    private EventHeaders HeadersOf(JsonValue invocationEvent)
    {
        EventHeaders found = default;
        var headers = tools.Table.Member(tools.Table.Member(invocationEvent, "request"u8), "headers"u8);
        for (var walk = tools.Table.Walk(headers); walk.Next();)
        {
            var name = walk.NameText;
            if (Is(name, "traceparent"u8)) { found.TraceParent = walk.Value; }
            else if (Is(name, "x-correlation-id"u8)) { found.CorrelationId = walk.Value; }
            else if (Is(name, "x-request-id"u8)) { found.RequestId = walk.Value; }
            else if (Is(name, "cf-ray"u8) && !found.RequestId.IsPresent) { found.RequestId = walk.Value; }
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
        var value = header.IsString ? batch.Text(header.Text) : default;
        if (value.Length < TraceParentLength || value[TraceIdOffset - 1] != (byte)'-')
        {
            return;
        }

        if (UInt128.TryParse(
            value.Slice(TraceIdOffset, TraceIdDigits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id))
        {
            invocation.TraceId = id;
            invocation.ParentSpanId = id == 0 ? 0 : HexNumber(value.Slice(SpanIdOffset, SpanIdDigits));
        }
    }

    private Slice Id(JsonValue value, string place) => tools.Texts.Column(value, MappingContext.MaxIdBytes, place);

    private Slice Given(Slice given, JsonValue value, string place) => given.IsEmpty ? Id(value, place) : given;

    private ReadOnlySpan<byte> HexOf(JsonValue value, int digits) =>
        value.IsString && value.Text.Length == digits ? batch.Text(value.Text) : default;

    private static ulong HexNumber(ReadOnlySpan<byte> hex) =>
        Utf8Parser.TryParse(hex, out ulong id, out var used, 'x') && used == hex.Length ? id : 0;

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> header) =>
        name.Length == header.Length && System.Text.Ascii.EqualsIgnoreCase(name, header);

    private struct EventHeaders
    {
        public JsonValue TraceParent;
        public JsonValue CorrelationId;
        public JsonValue RequestId;
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
