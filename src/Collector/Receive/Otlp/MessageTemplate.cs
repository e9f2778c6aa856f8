using Collector.Model;
using Collector.Receive.Rows;

namespace Collector.Receive.Otlp;

/// <summary>Fills a template from the record's attributes, as .NET sends it when formatted messages are off.</summary>
internal sealed class MessageTemplate(RowBatch batch, AttributeList attributes, JsonText json, AnyValueWriter values)
    : TemplateText(batch, json)
{
    private readonly RowBatch _batch = batch;
    private readonly JsonText _json = json;

    /// <summary>False, and nothing built, where the text holds no placeholder that an attribute fills.</summary>
    public bool TryFill(Slice body, int maxBytes, out Slice filled)
    {
        filled = default;
        var text = _batch.Text(body);
        if (attributes.Count == 0 || !text.Contains((byte)'{') || text.Length > maxBytes || !Utf8Text.IsClean(text))
        {
            return false;
        }

        var start = _json.Length;
        _json.Limit = start + maxBytes;
        if (Fill(body) == 0)
        {
            _json.Truncate(start);
            return false;
        }

        filled = _json.SliceSince(start);
        return true;
    }

    /// <summary>Writes an attribute as a part of a text; false, and nothing written, where it is none or there is no room.</summary>
    public bool TryValue(in Attribute item)
    {
        var value = AnyValue.Read(_batch.Body.Written, item.Value);
        var start = _json.Length;
        var place = new Place("attributes", item.Key);
        switch (value.Kind)
        {
            case ValueKind.Empty:
                break;
            case ValueKind.Text when item.Secrecy == Secrecy.Secret:
                _json.Raw("REDACTED"u8);
                break;
            case ValueKind.Text when value.Content.Length <= _json.RoomLeft:
                Utf8Text.AppendClean(_batch.Built, _batch.Text(value.Content));
                break;
            case ValueKind.Bool or ValueKind.Integer or ValueKind.Real:
                values.Bare(value);
                break;
            case ValueKind.Array or ValueKind.Map when values.Write(value, item.Secrecy, place):
                break;
            default:
                _json.Truncate(start);
                return false;
        }

        return true;
    }

    protected override bool TryWrite(ReadOnlySpan<byte> name) => TryFind(name, out var item) && TryValue(item);

    private bool TryFind(ReadOnlySpan<byte> name, out Attribute item)
    {
        if (attributes.TryFind(name, out item))
        {
            return true;
        }

        // "@" asks for an object's structure; producers keep it in the attribute's name or leave it out.
        if (name.StartsWith("@"u8))
        {
            return attributes.TryFind(name[1..], out item);
        }

        Span<byte> structured = stackalloc byte[MaxPlaceholderBytes];
        structured[0] = (byte)'@';
        name.CopyTo(structured[1..]);
        return attributes.TryFind(structured[..(name.Length + 1)], out item);
    }
}
