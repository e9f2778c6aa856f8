using Collector.Model;
using Collector.Protobuf;
using Collector.Receive.Rows;

namespace Collector.Receive.Otlp;

/// <summary>The context of a span's row and of its exceptions' rows.</summary>
internal sealed class SpanContext(RowBatch batch, MappingRules rules, OtlpContext tools)
{
    // An event or link without its attributes stays below this.
    private const int SmallestItem = 128;

    private readonly JsonText _json = tools.Json;
    private readonly ContextWriter _context = tools.Context;

    public Slice OfSpan(in Span span, Slice message, int messageLength)
    {
        _json.Limit = _json.Length + rules.MaxRowBytes - messageLength;
        var start = _context.Begin();
        tools.AnyValues.Attributes(tools.Attributes, "attributes", message.Length - tools.Attributes.Bytes);
        Kind(span.Kind);
        Status(span);
        if (span.End != 0 && span.End < span.Start)
        {
            _context.Timestamp("\"end_timestamp\":"u8, span.End);
        }

        _context.Text("\"trace_state\":"u8, span.TraceState, "trace_state");
        _context.Number("\"flags\":"u8, span.Flags);
        _context.Number("\"dropped_attributes_count\":"u8, span.DroppedAttributes);
        if (span.Events > 0)
        {
            Items(message, Field.SpanEvents, "\"events\":["u8);
        }

        _context.Number("\"dropped_events_count\":"u8, span.DroppedEvents);
        if (span.Links > 0)
        {
            Items(message, Field.SpanLinks, "\"links\":["u8);
        }

        _context.Number("\"dropped_links_count\":"u8, span.DroppedLinks);
        return _context.End(start);
    }

    /// <summary>The attributes at hand are the event's.</summary>
    public Slice OfException(in SpanEvent spanEvent, in Span span, int messageLength)
    {
        _json.Limit = _json.Length + rules.MaxRowBytes - messageLength;
        var start = _context.Begin();
        tools.AnyValues.Attributes(tools.Attributes, "attributes");
        _context.Text("\"span_name\":"u8, span.Name, "span_name");
        _context.Number("\"dropped_attributes_count\":"u8, spanEvent.DroppedAttributes);
        return _context.End(start);
    }

    private void Kind(int kind)
    {
        ReadOnlySpan<byte> word = kind switch
        {
            1 => "\"internal\""u8,
            Span.KindServer => "\"server\""u8,
            3 => "\"client\""u8,
            4 => "\"producer\""u8,
            Span.KindConsumer => "\"consumer\""u8,
            _ => default,
        };
        if (!word.IsEmpty)
        {
            _json.Name("\"span_kind\":"u8);
            _json.Raw(word);
        }
        else if (kind != 0)
        {
            _context.Number("\"span_kind\":"u8, (long)kind);
            tools.Notes.Add("span_kind", $"{kind} is out of range");
        }
    }

    private void Status(in Span span)
    {
        if (span.StatusCode == 0 && span.StatusMessage.IsEmpty)
        {
            return;
        }

        _json.Name("\"status\":{"u8);
        if (span.StatusCode is 1 or 2)
        {
            _json.Raw(span.IsError ? "\"code\":\"error\""u8 : "\"code\":\"ok\""u8);
        }
        else if (span.StatusCode != 0)
        {
            _context.Number("\"code\":"u8, (long)span.StatusCode);
            tools.Notes.Add("status", $"code {span.StatusCode} is out of range");
        }

        _context.Text("\"message\":"u8, span.StatusMessage, "status.message");
        _json.Raw((byte)'}');
    }

    private void Items(Slice span, int field, ReadOnlySpan<byte> quotedName)
    {
        _json.Name(quotedName);
        var leftOut = 0;
        var rest = BytesOf(span, field);
        for (var reader = new WireReader(batch.Body.Written, span); reader.Next();)
        {
            if (reader.Field != field)
            {
                continue;
            }

            rest -= reader.Payload.Length;
            if (_json.RoomLeft < SmallestItem)
            {
                leftOut++;
            }
            else if (field == Field.SpanLinks)
            {
                Link(reader.Payload, rest);
            }
            else
            {
                Event(reader.Payload, rest);
            }
        }

        _json.Raw((byte)']');
        if (leftOut > 0)
        {
            tools.Notes.Add(field == Field.SpanLinks ? "links" : "events", $"{leftOut} left out, row too long");
        }
    }

    private int BytesOf(Slice span, int field)
    {
        var bytes = 0;
        for (var reader = new WireReader(batch.Body.Written, span); reader.Next();)
        {
            bytes += reader.Field == field ? reader.Payload.Length : 0;
        }

        return bytes;
    }

    private void Event(Slice message, int rest)
    {
        var spanEvent = SpanEvent.Read(batch, rules.Names, message);
        if (spanEvent.IsException)
        {
            return;
        }

        SpanEvent.ReadAttributes(batch, message, tools);
        _json.Name("{"u8);
        _context.Text("\"name\":"u8, spanEvent.Name, "event.name");
        _context.Timestamp("\"timestamp\":"u8, spanEvent.Time);
        tools.AnyValues.Attributes(tools.Attributes, "event.attributes", rest);
        _context.Number("\"dropped_attributes_count\":"u8, spanEvent.DroppedAttributes);
        _json.Raw((byte)'}');
    }

    private void Link(Slice message, int rest)
    {
        Slice trace = default, span = default, state = default;
        uint dropped = 0, flags = 0;
        tools.Attributes.Clear();
        tools.Notes.Relay(new Place("link"), message);
        var body = batch.Body.Written;
        for (var reader = new WireReader(body, message); reader.Next();)
        {
            switch (reader.Field)
            {
                case Field.LinkTraceId: trace = reader.Payload; break;
                case Field.LinkSpanId: span = reader.Payload; break;
                case Field.LinkTraceState: state = reader.Payload; break;
                case Field.LinkAttributes: tools.Attributes.Add(body, reader.Payload); break;
                case Field.LinkDroppedAttributes: dropped = (uint)reader.Number; break;
                case Field.LinkFlags: flags = (uint)reader.Number; break;
            }
        }

        _json.Name("{"u8);
        _context.Hex("\"trace_id\":"u8, trace);
        _context.Hex("\"span_id\":"u8, span);
        _context.Text("\"trace_state\":"u8, state, "link.trace_state");
        tools.AnyValues.Attributes(tools.Attributes, "link.attributes", rest);
        _context.Number("\"flags\":"u8, flags);
        _context.Number("\"dropped_attributes_count\":"u8, dropped);
        _json.Raw((byte)'}');
    }
}
