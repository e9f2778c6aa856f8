using System.Text;
using System.Text.Json;
using Collector.Protobuf;

namespace Collector.Receive.Otlp.Json;

/// <summary>What becomes of values of a wrong type.</summary>
internal ref partial struct JsonTranscoder
{
    private const int MaxQuotedBytes = 200;

    // The value is of the wrong type. Where the message can hold it in another form it does; the frame of a request
    // cannot, and then the request is refused.
    private bool Misfit(FieldSpec spec, string expected)
    {
        var sentence = Sentence(spec, expected);
        if (spec.Child is MessageType.ResourceLogs or MessageType.ScopeLogs or MessageType.LogRecord
            or MessageType.ResourceSpans or MessageType.ScopeSpans or MessageType.Span)
        {
            Fault = new WireFault((int)_reader.TokenStartIndex, sentence);
            return false;
        }

        sentence += ", kept as text";
        switch (spec.Owner)
        {
            case MessageType.Value:
                Text(Field.ValueString);
                Note(sentence);
                break;
            case MessageType.ArrayValue:
                TextValue(Field.Members);
                Note(sentence);
                break;
            case MessageType.KeyValueList:
                TextAttribute(Field.Members, spec, sentence);
                break;
            default:
                if (OtlpSchema.AttributesOf(spec.Owner) is { } attributes)
                {
                    TextAttribute(attributes.Number, spec, sentence);
                    break;
                }

                Note($"{sentence}: {Quoted()}");
                break;
        }

        return true;
    }

    private string Quoted()
    {
        var raw = Raw();
        return Encoding.UTF8.GetString(raw[..Math.Min(raw.Length, MaxQuotedBytes)]);
    }

    private void TextAttribute(int field, FieldSpec spec, string note)
    {
        var begin = _out.Begin(field);
        _out.Bytes(Field.KeyValueKey, spec.JsonNameUtf8);
        TextValue(Field.KeyValueValue);
        Note(note);
        _out.End(begin);
    }

    private void TextValue(int field)
    {
        var begin = _out.Begin(field);
        Text(Field.ValueString);
        _out.End(begin);
    }

    private readonly string Sentence(FieldSpec spec, string expected) =>
        $"{spec.JsonName} is {Found()} instead of {expected}";

    private readonly string Found() => _reader.TokenType switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        _ => "null",
    };
}
