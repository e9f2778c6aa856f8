using System.Text;
using System.Text.Json;
using Collector.Model;
using Collector.Protobuf;
using Collector.Receive.Rows;

namespace Collector.Receive.Otlp;

/// <summary>
/// Walks the JSON along <see cref="OtlpSchema"/> and writes each member as the field that it is. A value of a wrong type becomes
/// text, and a note beside the message says so: the wire has no place for notes. Recursion ends with the schema or, for
/// values, at its greatest depth; it skips deeper JSON without recursion.
/// </summary>
internal ref struct JsonTranscoder
{
    // Every known name fits, each character escaped.
    private const int MaxNameBytes = 256;

    // Notes stand in memory that the budget does not count: some 300 bytes each, so that these are 3 MB.
    private const int MaxNotes = 10_000;

    private const int MaxQuotedBytes = 200;

    private readonly ReadOnlySpan<byte> _json;
    private readonly WireWriter _out;
    private Utf8JsonReader _reader;
    private List<(int Message, string Text)>? _notes;

    // Where the message under way begins in the target.
    private int _message;

    public JsonTranscoder(ReadOnlySpan<byte> json, ByteBuffer target)
    {
        _json = json;
        _out = new WireWriter(target);
        _reader = new Utf8JsonReader(json, JsonTable.LinesOptions);
    }

    public WireFault? Fault { get; private set; }

    public string? Warning { get; private set; }

    /// <summary>An unknown member of what holds records by another name; null where each has what it should hold.</summary>
    public string? Unknown { get; private set; }

    /// <summary>Notes by the place where their message's content begins; null where there are none.</summary>
    public readonly ILookup<int, string>? Notes => _notes?.ToLookup(note => note.Message, note => note.Text);

    /// <summary>Throws JsonException where the text is not JSON.</summary>
    public void Run(OtlpSignal signal)
    {
        // Several requests, a line each, are one: their lists follow each other.
        while (_reader.Read())
        {
            if (_reader.TokenType != JsonTokenType.StartObject)
            {
                Fault = new WireFault((int)_reader.TokenStartIndex, $"the request is {JsonValue.NameOf(_reader.TokenType)} instead of an object");
                return;
            }

            if (!Message(OtlpSchema.RequestOf(signal), 0))
            {
                return;
            }
        }
    }

    // At the object's start; ends at its end. False once there is a fault.
    private bool Message(byte type, int valueDepth)
    {
        var (holds, unknown) = (!MayHoldRows(type), (string?)null);
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var spec = FindField(type);
            holds |= spec is { Kind: FieldKind.Message, IsRepeated: true };
            unknown ??= spec is null && !holds ? NameHere() : null;
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

        Unknown ??= holds ? null : unknown;
        return true;
    }

    private readonly string NameHere() => Encoding.UTF8.GetString(_reader.ValueSpan[..Math.Min(_reader.ValueSpan.Length, MaxNameBytes)]);

    private FieldSpec? FindField(byte type)
    {
        scoped var name = _reader.ValueSpan;
        if (name.Length > MaxNameBytes)
        {
            return null;
        }

        Span<byte> unescaped = stackalloc byte[MaxNameBytes];
        name = _reader.ValueIsEscaped ? unescaped[..JsonEscapes.Undo(name, unescaped, out _)] : name;
        foreach (var spec in OtlpSchema.Messages.FieldsOf(type))
        {
            if (name.SequenceEqual(spec.JsonNameUtf8))
            {
                return spec;
            }
        }

        // What protobuf's own writers of JSON send where they are asked for the names of the schema.
        foreach (var spec in OtlpSchema.Messages.FieldsOf(type))
        {
            if (name.SequenceEqual(spec.NameUtf8))
            {
                return spec;
            }
        }

        return null;
    }

    // Above the records: what is unknown there may be all that was sent.
    private static bool MayHoldRows(byte type) => (OtlpMessage)type is OtlpMessage.LogsRequest or OtlpMessage.ResourceLogs
        or OtlpMessage.ScopeLogs or OtlpMessage.TracesRequest or OtlpMessage.ResourceSpans or OtlpMessage.ScopeSpans;

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
        var isValue = spec.Child == (byte)OtlpMessage.Value;
        if (!isValue && _reader.TokenType != JsonTokenType.StartObject)
        {
            return Misfit(spec, "an object");
        }

        var outer = Begin(spec.Number);
        var isSound = isValue ? Value(valueDepth + 1) : Message(spec.Child, valueDepth);
        End(outer);
        return isSound;
    }

    // A value may be anything: what is not an AnyValue object is kept as text.
    private bool Value(int depth)
    {
        if (depth > ValueWriter.MaxDepth)
        {
            // The mapper puts its own text in the place of a value at this depth.
            _reader.Skip();
            return true;
        }

        if (_reader.TokenType == JsonTokenType.StartObject)
        {
            return Message((byte)OtlpMessage.Value, depth);
        }

        if (_reader.TokenType != JsonTokenType.Null)
        {
            var note = $"{JsonValue.NameOf(_reader.TokenType)} instead of an AnyValue object, kept as text";
            Text(Field.ValueString);
            Note(note);
        }

        return true;
    }

    private void Scalar(FieldSpec spec)
    {
        if (spec.Kind is FieldKind.Integer or FieldKind.Fixed64 && JsonScalar.TryHalves(ref _reader, out var bits))
        {
            if (spec.Kind == FieldKind.Integer)
            {
                _out.Varint(spec.Number, bits);
            }
            else
            {
                _out.Fixed64(spec.Number, bits);
            }

            return;
        }

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

    // The current value as a string field: the content of a string, the JSON of any other value.
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

    // The value is of the wrong type. Where the message can hold it in another form it does; the frame of a request
    // cannot, and then the request is refused.
    private bool Misfit(FieldSpec spec, string expected)
    {
        var sentence = Sentence(spec, expected);
        if (spec.Kind == FieldKind.Message && (OtlpMessage)spec.Child is OtlpMessage.ResourceLogs or OtlpMessage.ScopeLogs
            or OtlpMessage.LogRecord or OtlpMessage.ResourceSpans or OtlpMessage.ScopeSpans or OtlpMessage.Span)
        {
            Fault = new WireFault((int)_reader.TokenStartIndex, sentence);
            return false;
        }

        sentence += ", kept as text";
        var attributes = (OtlpMessage)spec.Owner == OtlpMessage.KeyValueList ? spec : OtlpSchema.AttributesOf(spec.Owner);
        if (attributes is not null)
        {
            var outer = Begin(attributes.Number);
            _out.Bytes(Field.KeyValueKey, spec.JsonNameUtf8);
            TextValue(Field.KeyValueValue);
            Note(sentence);
            End(outer);
            return true;
        }

        switch ((OtlpMessage)spec.Owner)
        {
            case OtlpMessage.Value: Text(Field.ValueString); break;
            case OtlpMessage.ArrayValue: TextValue(Field.Members); break;
            default:
                var raw = Raw();
                sentence += ": " + Encoding.UTF8.GetString(raw[..Math.Min(raw.Length, MaxQuotedBytes)]);
                break;
        }

        Note(sentence);
        return true;
    }

    private void TextValue(int field)
    {
        var outer = Begin(field);
        Text(Field.ValueString);
        End(outer);
    }

    private readonly string Sentence(FieldSpec spec, string expected) =>
        $"{spec.JsonName} is {JsonValue.NameOf(_reader.TokenType)} instead of {expected}";

    // Opens a message; what is returned is the one around it, for End.
    private int Begin(int field)
    {
        var outer = _message;
        _message = _out.Begin(field);
        return outer;
    }

    private void End(int outer)
    {
        _out.End(_message);
        _message = outer;
    }

    private void Note(string? note)
    {
        if (note is null)
        {
            return;
        }

        _notes ??= [];
        if (_notes.Count < MaxNotes)
        {
            _notes.Add((_message, note));
            return;
        }

        Warning ??= $"more than {MaxNotes} values are of a wrong type; the rest is kept as text without a note";
    }
}
