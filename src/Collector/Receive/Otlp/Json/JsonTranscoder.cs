using System.Text.Json;
using Collector.Model;
using Collector.Protobuf;

namespace Collector.Receive.Otlp.Json;

/// <summary>
/// Walks the JSON along <see cref="OtlpSchema"/> and writes each member as the field that it is. Recursion ends with
/// the schema or, for values, at its greatest depth; below it JSON is passed over without recursion.
/// </summary>
internal ref partial struct JsonTranscoder
{
    private const int MaxJsonDepth = 1_000_000;

    // Every known name fits, each character escaped.
    private const int MaxNameBytes = 256;

    private readonly ReadOnlySpan<byte> _json;
    private readonly WireWriter _out;
    private Utf8JsonReader _reader;

    public JsonTranscoder(ReadOnlySpan<byte> json, ByteBuffer target)
    {
        _json = json;
        _out = new WireWriter(target);
        _reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxJsonDepth });
    }

    public WireFault? Fault { get; private set; }

    public string? Warning { get; private set; }

    /// <summary>Throws JsonException where the text is not JSON.</summary>
    public void Run(OtlpSignal signal)
    {
        _reader.Read();
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            Fault = new WireFault((int)_reader.TokenStartIndex, $"the request is {Found()} instead of an object");
            return;
        }

        if (Message(OtlpSchema.RequestOf(signal), 0))
        {
            // Anything behind the object is an error that only reading on brings up.
            _reader.Read();
        }
    }

    // At the object's start; ends at its end. False once there is a fault.
    private bool Message(MessageType type, int valueDepth)
    {
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var spec = FindField(type);
            _reader.Read();
            if (spec is null)
            {
                _reader.Skip();
            }
            else if (_reader.TokenType != JsonTokenType.Null && !Member(spec, valueDepth))
            {
                return false;
            }
        }

        return true;
    }

    private FieldSpec? FindField(MessageType type)
    {
        scoped var name = _reader.ValueSpan;
        if (name.Length > MaxNameBytes)
        {
            return null;
        }

        Span<byte> unescaped = stackalloc byte[MaxNameBytes];
        name = _reader.ValueIsEscaped ? unescaped[..JsonEscapes.Undo(name, unescaped, out _)] : name;
        foreach (var spec in OtlpSchema.FieldsOf(type))
        {
            if (name.SequenceEqual(spec.JsonNameUtf8))
            {
                return spec;
            }
        }

        foreach (var spec in OtlpSchema.FieldsOf(type))
        {
            if (name.SequenceEqual(spec.NameUtf8))
            {
                Warning ??= $"ignored \"{spec.Name}\": OTLP/JSON keys are lowerCamelCase (\"{spec.JsonName}\")";
            }
        }

        return null;
    }

    private bool Member(FieldSpec spec, int valueDepth)
    {
        if (spec.Kind != FieldKind.Message)
        {
            Scalar(spec);
            return true;
        }

        if (!spec.IsRepeated)
        {
            return Child(spec, valueDepth);
        }

        if (_reader.TokenType != JsonTokenType.StartArray)
        {
            return Misfit(spec, "an array");
        }

        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            if (!Child(spec, valueDepth))
            {
                return false;
            }
        }

        return true;
    }

    private bool Child(FieldSpec spec, int valueDepth)
    {
        var isValue = spec.Child == MessageType.Value;
        if (!isValue && _reader.TokenType != JsonTokenType.StartObject)
        {
            return Misfit(spec, "an object");
        }

        var begin = _out.Begin(spec.Number);
        var isSound = isValue ? Value(valueDepth + 1) : Message(spec.Child, valueDepth);
        _out.End(begin);
        return isSound;
    }

    // A value may be anything: what is no AnyValue object is kept as text.
    private bool Value(int depth)
    {
        if (depth > OtlpSchema.MaxValueDepth)
        {
            // The mapper puts its own text in the place of a value at this depth.
            _reader.Skip();
            return true;
        }

        if (_reader.TokenType == JsonTokenType.StartObject)
        {
            return Message(MessageType.Value, depth);
        }

        if (_reader.TokenType != JsonTokenType.Null)
        {
            var note = $"{Found()} instead of an AnyValue object, kept as text";
            Text(Field.ValueString);
            Note(note);
        }

        return true;
    }

    private void Scalar(FieldSpec spec)
    {
        switch (spec.Kind)
        {
            case FieldKind.Text:
                var note = _reader.TokenType == JsonTokenType.String ? null : Sentence(spec, "a string");
                Text(spec.Number);
                Note(note);
                break;
            case FieldKind.Bytes or FieldKind.Id when TryBinary(spec):
                break;
            case FieldKind.Bool when _reader.TokenType is JsonTokenType.True or JsonTokenType.False:
                _out.Varint(spec.Number, _reader.TokenType == JsonTokenType.True ? 1UL : 0);
                break;
            case FieldKind.Choice when JsonScalar.TryChoice(ref _reader, out var choice):
                _out.Varint(spec.Number, (ulong)choice);
                break;
            case FieldKind.Integer when JsonScalar.TryInteger(ref _reader, out var integer):
                _out.Varint(spec.Number, (ulong)integer);
                break;
            case FieldKind.Count when JsonScalar.TryCount(ref _reader, out var count) && count <= uint.MaxValue:
                _out.Varint(spec.Number, count);
                break;
            case FieldKind.Fixed32 when JsonScalar.TryCount(ref _reader, out var fixed32) && fixed32 <= uint.MaxValue:
                _out.Fixed32(spec.Number, (uint)fixed32);
                break;
            case FieldKind.Fixed64 when JsonScalar.TryCount(ref _reader, out var fixed64):
                _out.Fixed64(spec.Number, fixed64);
                break;
            case FieldKind.Real when JsonScalar.TryReal(ref _reader, out var real):
                _out.Fixed64(spec.Number, BitConverter.DoubleToUInt64Bits(real));
                break;
            default:
                Misfit(spec, JsonScalar.NameOf(spec.Kind));
                break;
        }
    }

    private bool TryBinary(FieldSpec spec)
    {
        var start = _out.Target.Length;
        var begin = _out.Begin(spec.Number);
        if (!JsonScalar.TryBinary(
            ref _reader, spec.Kind, _out.Target.GetSpan(_reader.ValueSpan.Length), out var written))
        {
            _out.Target.Truncate(start);
            return false;
        }

        _out.Target.Advance(written);
        _out.End(begin);
        return true;
    }

    // The current value as a string field: a string's content, of anything else the JSON as it stands there.
    private void Text(int field)
    {
        if (_reader.TokenType != JsonTokenType.String)
        {
            _out.Bytes(field, Raw());
            return;
        }

        if (!_reader.ValueIsEscaped)
        {
            _out.Bytes(field, _reader.ValueSpan);
            return;
        }

        var begin = _out.Begin(field);
        var isSound = true;
        var room = _out.Target.GetSpan(_reader.ValueSpan.Length);
        if (!room.IsEmpty)
        {
            _out.Target.Advance(JsonEscapes.Undo(_reader.ValueSpan, room, out isSound));
        }

        _out.End(begin);
        Note(isSound ? null : "lone surrogate replaced");
    }

    private ReadOnlySpan<byte> Raw()
    {
        var start = (int)_reader.TokenStartIndex;
        _reader.Skip();
        return _json[start..(int)_reader.BytesConsumed];
    }

    private readonly void Note(string? note)
    {
        if (note is not null)
        {
            _out.Bytes(Field.Note, System.Text.Encoding.UTF8.GetBytes(note));
        }
    }
}
