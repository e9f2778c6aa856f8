using Collector.Model;

namespace Collector.Receive.Rows;

/// <summary>
/// Fills a message template such as <c>Order {OrderId} placed for {Total:F2}</c>. Formats are ignored; a placeholder that nothing
/// fills stays. In work it is linear: each placeholder costs a look-up, and beyond so many the text stays as it is.
/// </summary>
internal abstract class TemplateText(RowBatch batch, JsonText json)
{
    private const int MaxPlaceholders = 64;

    protected const int MaxPlaceholderBytes = 256;

    /// <summary>Builds the text; returns how many placeholders were filled, so that the caller can take it back where none was.</summary>
    protected int Fill(Slice template)
    {
        var (filled, tried, at) = (0, 0, 0);
        while (tried < MaxPlaceholders && batch.Text(template)[at..].IndexOfAny((byte)'{', (byte)'}') is >= 0 and var brace)
        {
            Copy(template, at, brace);
            at += brace;
            var text = batch.Text(template)[at..];
            var isDoubled = text.Length > 1 && text[1] == text[0];
            if (!isDoubled && text[0] == '{')
            {
                tried++;
                if (TryPlaceholder(text, out var length))
                {
                    filled++;
                    at += length;
                    continue;
                }
            }

            // A doubled brace stands for one.
            Copy(template, at, 1);
            at += isDoubled ? 2 : 1;
        }

        Copy(template, at, template.Length - at);
        return filled;
    }

    /// <summary>Writes the value of that name; false, and nothing written, where there is none.</summary>
    protected abstract bool TryWrite(ReadOnlySpan<byte> name);

    // At "{": writes the value of {name}, {name,alignment} or {name:format} and returns the placeholder's length.
    private bool TryPlaceholder(ReadOnlySpan<byte> text, out int length)
    {
        var inner = text[1..Math.Min(text.Length, MaxPlaceholderBytes)];
        length = inner.IndexOf((byte)'}') + 2;
        if (length < 3)
        {
            return false;
        }

        inner = inner[..(length - 2)];
        var nameLength = inner.IndexOfAny((byte)',', (byte)':');
        return TryWrite(nameLength < 0 ? inner : inner[..nameLength]);
    }

    /// <summary>Appends a piece of a text, which may stand in the built text, and moves while that grows.</summary>
    protected void Copy(Slice template, int start, int length)
    {
        _ = batch.Built.GetSpan(length);
        json.Raw(batch.Text(template).Slice(start, length));
    }
}
