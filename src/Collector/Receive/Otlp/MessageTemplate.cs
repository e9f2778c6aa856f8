using Collector.Model;
using Collector.Receive.Rows;

namespace Collector.Receive.Otlp;

/// <summary>
/// Fills a message template such as <c>Order {OrderId} placed for {Total:F2}</c> from the record's attributes, as .NET
/// sends it when formatted messages are off. Formats are ignored; a placeholder without its attribute stays.
/// </summary>
internal sealed class MessageTemplate(
    RowBatch batch, SecretNames secrets, AttributeList attributes, JsonText json, AnyValueWriter values)
{
    // Each placeholder costs a search among all attributes: the bound keeps a hostile record linear.
    private const int MaxPlaceholders = 64;
    private const int MaxPlaceholderBytes = 256;

    /// <summary>False, and nothing built, where the text holds no placeholder that an attribute fills.</summary>
    public bool TryFill(Slice body, int maxBytes, out Slice filled)
    {
        filled = default;
        var text = batch.Text(body);
        if (attributes.Count == 0 || !text.Contains((byte)'{') || text.Length > maxBytes || !Utf8Text.IsClean(text))
        {
            return false;
        }

        var start = json.Length;
        json.Limit = start + maxBytes;
        if (Fill(text) == 0)
        {
            json.Truncate(start);
            return false;
        }

        filled = json.SliceSince(start);
        return true;
    }

    private int Fill(ReadOnlySpan<byte> text)
    {
        var count = 0;
        while (count < MaxPlaceholders && text.IndexOfAny((byte)'{', (byte)'}') is >= 0 and var brace)
        {
            json.Raw(text[..brace]);
            text = text[brace..];
            var isDoubled = text.Length > 1 && text[1] == text[0];
            if (!isDoubled && TryPlaceholder(text, out var length))
            {
                count++;
                text = text[length..];
                continue;
            }

            // A doubled brace stands for one.
            json.Raw(text[0]);
            text = text[(isDoubled ? 2 : 1)..];
        }

        json.Raw(text);
        return count;
    }

    // At "{": writes the value of {name}, {name,alignment} or {name:format} and returns the placeholder's length.
    private bool TryPlaceholder(ReadOnlySpan<byte> text, out int length)
    {
        var inner = text[1..Math.Min(text.Length, MaxPlaceholderBytes)];
        length = inner.IndexOf((byte)'}') + 2;
        if (text[0] != (byte)'{' || length < 3)
        {
            return false;
        }

        inner = inner[..(length - 2)];
        var nameLength = inner.IndexOfAny((byte)',', (byte)':');
        return TryFind(nameLength < 0 ? inner : inner[..nameLength], out var item) && TryValue(item);
    }

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

    private bool TryValue(in Attribute item)
    {
        var value = AnyValue.Read(batch.Body.Written, item.Value);
        var start = json.Length;
        var place = new Place("attributes", item.Key);
        switch (value.Kind)
        {
            case ValueKind.Text when secrets.Of(batch.Text(item.Key)) == Secrecy.Secret:
                json.Raw("REDACTED"u8);
                break;
            case ValueKind.Text when value.Content.Length <= json.RoomLeft:
                Utf8Text.AppendClean(batch.Built, batch.Text(value.Content));
                break;
            case ValueKind.Bool or ValueKind.Integer or ValueKind.Real:
                values.Bare(value);
                break;
            case ValueKind.Array when values.Write(value, secrets.Of(batch.Text(item.Key)), place):
                break;
            default:
                json.Truncate(start);
                return false;
        }

        return true;
    }
}
