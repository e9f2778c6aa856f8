using System.Buffers.Binary;
using Collector.Model;
using Collector.Protobuf;
using Collector.Receive.Rows;

namespace Collector.Receive.Otlp;

/// <summary>Finds what fills the small columns: ids, outcome, CPU time, the worker's name.</summary>
internal sealed class ColumnPicker(RowBatch batch, AttributeList attributes, AnyValueWriter values, MappingContext tools)
{
    private const int TraceIdBytes = 16;
    private const int SpanIdBytes = 8;

    /// <summary>Never empty: the record's own id, its body's, a captured header's, the trace's, or a new one.</summary>
    /// <param name="bodyId">Member <c>correlation_id</c> of a structured body.</param>
    /// <param name="trace">The trace id, or 0.</param>
    public Slice CorrelationId(in AnyValue bodyId, UInt128 trace)
    {
        const string place = "correlation_id";
        return TryText(KnownKey.CorrelationId, place, out var text)
            || TryText(KnownKey.CorrelationIdDotted, place, out text)
            || TryText(bodyId, place, out text)
            || TryText(KnownKey.CorrelationHeader, place, out text)
            || TryText(KnownKey.CorrelationHeaderUnderscored, place, out text)
                ? text
                : trace != 0 ? tools.TraceText(trace) : tools.NewId();
    }

    public Slice RequestId()
    {
        for (var key = KnownKey.RequestId; key <= KnownKey.RequestIdHeaderUnderscored; key++)
        {
            if (TryText(key, "request_id", out var text))
            {
                return text;
            }
        }

        return default;
    }

    /// <summary>What the producer calls the outcome; empty where it says nothing.</summary>
    public Slice Outcome()
    {
        return TryText(KnownKey.Outcome, "outcome", out var text)
            || TryText(KnownKey.CloudflareOutcome, "outcome", out text) ? text : default;
    }

    public long? ExecutionTime()
    {
        for (var key = KnownKey.CpuTime; key <= KnownKey.CloudflareCpuTime; key++)
        {
            var value = attributes.ValueOf(key);
            var time = value.Kind switch
            {
                ValueKind.Integer => value.AsInteger,
                ValueKind.Real => value.AsReal,
                _ => double.NaN,
            };
            // 2^63 as a double is one more than a long holds.
            if (time is >= 0 and < long.MaxValue)
            {
                return (long)Math.Round(time);
            }
        }

        return null;
    }

    /// <summary>The worker that the attributes at hand name; empty where they name none.</summary>
    public Slice Worker()
    {
        const string place = "worker_name";
        return TryText(KnownKey.ServiceName, place, out var text)
            || TryText(KnownKey.ScriptName, place, out text)
            || TryText(KnownKey.FunctionName, place, out text) ? text : default;
    }

    public UInt128 TraceId(Slice id, string place) =>
        HasLength(id, TraceIdBytes, place) ? BinaryPrimitives.ReadUInt128BigEndian(batch.Text(id)) : 0;

    public ulong SpanId(Slice id, string place) =>
        HasLength(id, SpanIdBytes, place) ? BinaryPrimitives.ReadUInt64BigEndian(batch.Text(id)) : 0;

    private bool HasLength(Slice id, int length, string place)
    {
        if (id.IsEmpty || id.Length == length)
        {
            return !id.IsEmpty;
        }

        var hex = Convert.ToHexStringLower(batch.Text(id)[..Math.Min(id.Length, 2 * TraceIdBytes)]);
        tools.Notes.Add(place, $"{id.Length} bytes instead of {length}, left out: {hex}");
        return false;
    }

    private bool TryText(KnownKey key, string place, out Slice text)
    {
        text = default;
        return attributes.Has(key) && TryText(attributes.ValueOf(key), place, out text);
    }

    // A string, a number, or the first of several (headers are captured as arrays).
    private bool TryText(AnyValue value, string place, out Slice text)
    {
        text = default;
        if (value.Kind == ValueKind.Array)
        {
            value = FirstOf(value.Content);
        }

        if (value.Kind is ValueKind.Integer or ValueKind.Real)
        {
            var start = tools.Json.Length;
            values.Bare(value);
            text = tools.Json.SliceSince(start);
            return true;
        }

        if (value.Kind != ValueKind.Text || value.Content.IsEmpty)
        {
            return false;
        }

        var length = Utf8Text.Cut(batch.Text(value.Content), MappingContext.MaxIdBytes);
        if (length < value.Content.Length)
        {
            tools.Notes.Add(place, $"cut to {length} of {value.Content.Length} bytes");
        }

        text = Utf8Text.Clean(batch, Slice.OfBody(value.Content.Offset, length));
        return true;
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
