using System.Buffers.Binary;
using System.Buffers.Text;
using Collector.Model;
using Collector.Protobuf;
using Collector.Receive.Rows;

namespace Collector.Receive.Otlp;

/// <summary>Finds what fills the small columns: ids, outcome, CPU time, the worker's name.</summary>
internal sealed class ColumnPicker(RowBatch batch, AttributeList attributes, AnyValueWriter values, OtlpContext tools)
{
    private const int TraceIdBytes = 16;
    private const int SpanIdBytes = 8;

    // Some clients send the digits of an id in the place of its bytes.
    private const int LongestDigits = 64;

    /// <summary>Never empty: the nearest of the record's ids and its body's, the trace's, or a new one.</summary>
    public Slice CorrelationId(in StructuredFields line, UInt128 trace)
    {
        var text = IdOf(Meaning.CorrelationId, line.CorrelationId, "correlation_id");
        return !text.IsEmpty ? text : trace != 0 ? tools.TraceText(trace) : tools.NewId();
    }

    public Slice RequestId(in StructuredFields line) => IdOf(Meaning.RequestId, line.RequestId, "request_id");

    /// <summary>What the producer calls the outcome; empty where it says nothing.</summary>
    public Slice Outcome() => Text(Meaning.Outcome, "outcome");

    /// <summary>CPU time in whole milliseconds.</summary>
    public long? ExecutionTime() => Number(Meaning.CpuTime) is { } time ? (long)Math.Round(time) : null;

    /// <summary>The duration that the producer measured, in milliseconds.</summary>
    public double? WallTime() => Number(Meaning.WallTime);

    /// <summary>The worker that the attributes at hand name; empty where they name none.</summary>
    public Slice Worker() => Text(Meaning.Worker, "worker_name");

    /// <summary>The record's own trace id, else what its attributes or its body say; 0 where there is none.</summary>
    public UInt128 TraceId(Slice id, in StructuredFields line)
    {
        if (id.IsEmpty)
        {
            var other = Nearest(Meaning.TraceId, line.TraceId);
            return !other.IsEmpty && IdText.TryTrace(batch.Text(other), out var found) ? found : 0;
        }

        var bytes = batch.Text(id);
        return id.Length switch
        {
            TraceIdBytes => BinaryPrimitives.ReadUInt128BigEndian(bytes),
            SpanIdBytes => BinaryPrimitives.ReadUInt64BigEndian(bytes),
            > TraceIdBytes and <= LongestDigits when IdText.TryTrace(bytes, out var digits) => digits,
            _ => LeftOut(id, TraceIdBytes, "trace_id"),
        };
    }

    /// <summary>As <see cref="TraceId"/>: the span of a log.</summary>
    public ulong SpanId(Slice id, in StructuredFields line)
    {
        if (!id.IsEmpty)
        {
            return SpanId(id, "span_id");
        }

        var other = Nearest(Meaning.SpanId, line.SpanId);
        return !other.IsEmpty && IdText.TrySpan(batch.Text(other), out var found) ? found : 0;
    }

    public ulong SpanId(Slice id, string place) => id.Length switch
    {
        0 => 0,
        SpanIdBytes => BinaryPrimitives.ReadUInt64BigEndian(batch.Text(id)),
        > SpanIdBytes and <= LongestDigits when IdText.TrySpan(batch.Text(id), out var digits) => digits,
        _ => LeftOut(id, SpanIdBytes, place),
    };

    /// <summary>What the attributes of a span say about how it ended.</summary>
    public void AddTo(ref OutcomeFacts facts)
    {
        facts.HttpStatus = Number(Meaning.HttpStatus) is { } status ? (long)status : 0;
        facts.GrpcStatus = GrpcStatus();
        var error = attributes.ValueOf(Meaning.Error);
        var isError = error.Kind switch
        {
            ValueKind.Bool => error.AsBool,
            ValueKind.Text => batch.Text(error.Content) is var word && !word.SequenceEqual("false"u8) && !word.SequenceEqual("0"u8),
            _ => error.Kind == ValueKind.Map,
        };
        facts.HasError = isError || attributes.Has(Meaning.ErrorType);
    }

    private int GrpcStatus()
    {
        var value = attributes.ValueOf(Meaning.GrpcStatus);
        var code = value.Kind == ValueKind.Text ? Outcomes.GrpcStatusOf(batch.Text(value.Content)) : -1;
        return code >= 0 ? code : Number(Meaning.GrpcStatus) is <= int.MaxValue and { } number ? (int)number : -1;
    }

    private byte LeftOut(Slice id, int length, string place)
    {
        var hex = Convert.ToHexStringLower(batch.Text(id)[..Math.Min(id.Length, 2 * TraceIdBytes)]);
        tools.Notes.Add(place, $"{id.Length} bytes instead of {length}, left out: {hex}");
        return 0;
    }

    // A number or the text of one, that makes sense as an amount.
    private double? Number(Meaning meaning)
    {
        var value = attributes.ValueOf(meaning);
        var number = value.Kind switch
        {
            ValueKind.Integer => value.AsInteger,
            ValueKind.Real => value.AsReal,
            ValueKind.Text when batch.Text(value.Content) is var text
                && Utf8Parser.TryParse(text, out double parsed, out var used) && used == text.Length => parsed,
            _ => double.NaN,
        };
        // 2^63 as a double is one more than a long holds.
        return number is >= 0 and < long.MaxValue ? number : null;
    }

    private Slice IdOf(Meaning meaning, in RankedValue ofLine, string place)
    {
        var isLine = ofLine.IsPresent && (!attributes.Has(meaning) || ofLine.Rank < attributes.RankOf(meaning));
        return isLine ? tools.Lines.Texts.Id(ofLine.Value, place) : Text(meaning, place);
    }

    private Slice Nearest(Meaning meaning, in RankedValue ofLine) =>
        ofLine.IsPresent && (!attributes.Has(meaning) || ofLine.Rank < attributes.RankOf(meaning))
            ? ofLine.Value.Text
            : attributes.ValueOf(meaning) is { Kind: ValueKind.Text } value ? value.Content : default;

    // A string, a number, or the first of several (headers are captured as arrays).
    private Slice Text(Meaning meaning, string place)
    {
        var value = attributes.ValueOf(meaning);
        if (value.Kind == ValueKind.Array)
        {
            value = FirstOf(value.Content);
        }

        if (value.Kind is ValueKind.Integer or ValueKind.Real)
        {
            var start = tools.Json.Length;
            values.Bare(value);
            return tools.Json.SliceSince(start);
        }

        if (value.Kind != ValueKind.Text || value.Content.IsEmpty)
        {
            return default;
        }

        var length = Utf8Text.Cut(batch.Text(value.Content), MappingContext.MaxIdBytes);
        if (length < value.Content.Length)
        {
            tools.Notes.Add(place, $"cut to {length} of {value.Content.Length} bytes");
        }

        return Utf8Text.Clean(batch, Slice.OfBody(value.Content.Offset, length));
    }

    private AnyValue FirstOf(Slice array)
    {
        var body = batch.Body.Written;
        for (var reader = new WireReader(body, array); reader.Next();)
        {
            if (reader.Field == Field.Members)
            {
                return AnyValue.Read(body, reader.Payload);
            }
        }

        return default;
    }
}
