using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Collector.Model;

/// <summary>
/// Reads trace and span ids in every way in which people and programs write them: hexadecimal of either case, dashed, in braces or
/// quotes, a whole traceparent, AWS X-Ray's form, 64-bit ids (padded with zeros on the left), decimal as Datadog has them, base64.
/// Nothing here throws.
/// </summary>
internal static class IdText
{
    public const int TraceDigits = 32;
    public const int SpanDigits = 16;

    private const int LongestForm = 128;

    // version "-" trace id "-" span id "-" flags. Source: w3.org/TR/trace-context.
    private const int TraceOffset = 3;
    private const int SpanOffset = TraceOffset + TraceDigits + 1;
    private const int TraceParentLength = SpanOffset + SpanDigits + 3;

    /// <summary>False where the text is no trace id, or all zeros.</summary>
    public static bool TryTrace(ReadOnlySpan<byte> text, out UInt128 id)
    {
        id = 0;
        if (text.Length > LongestForm)
        {
            return false;
        }

        text = Bare(text);
        if (IsTraceParent(text))
        {
            text = text.Slice(TraceOffset, TraceDigits);
        }
        else if (TryXRay(text, out var digits))
        {
            text = digits;
        }
        else if (text.StartsWith("projects/"u8))
        {
            // "projects/PROJECT/traces/ID". Source: cloud.google.com, structured logging.
            text = text[(text.LastIndexOf((byte)'/') + 1)..];
        }

        text = WithoutDashes(text);
        var isHex = text.Length is TraceDigits or SpanDigits
            && UInt128.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out id);
        return (isHex || TryDecimal(text, out id) || TryBase64(text, out id)) && id != 0;
    }

    /// <inheritdoc cref="TryTrace(ReadOnlySpan{byte}, out UInt128)"/>
    public static bool TryTrace(string text, out UInt128 id) => TryTrace(Encoding.UTF8.GetBytes(text), out id);

    /// <summary>False where the text is no span id, or all zeros.</summary>
    public static bool TrySpan(ReadOnlySpan<byte> text, out ulong id)
    {
        id = 0;
        if (text.Length > LongestForm)
        {
            return false;
        }

        text = Bare(text);
        text = IsTraceParent(text) ? text.Slice(SpanOffset, SpanDigits) : text;
        if (text.Length == SpanDigits)
        {
            return ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out id) && id != 0;
        }

        var isRead = TryDecimal(text, out var number) || (text.Length == 12 && TryBase64(text, out number));
        id = (ulong)number;
        return isRead && id != 0;
    }

    public static bool IsTraceParent(ReadOnlySpan<byte> text) =>
        text.Length >= TraceParentLength && text[TraceOffset - 1] == '-' && text[SpanOffset - 1] == '-' && text[TraceParentLength - 3] == '-'
        && IsHex(text.Slice(TraceOffset, TraceDigits)) && IsHex(text.Slice(SpanOffset, SpanDigits));

    /// <summary>
    /// Every form in which an id that was asked for may have been stored as text: as it was typed, without what stands around it,
    /// and, where it is 32 hexadecimal digits, dashed or not, in either case and in braces.
    /// </summary>
    public static IReadOnlyList<string> Forms(string typed)
    {
        var bare = Encoding.UTF8.GetString(Bare(Encoding.UTF8.GetBytes(typed)));
        var forms = new List<string> { typed, typed.Trim(), bare };
        var digits = bare.Replace("-", "", StringComparison.Ordinal);
        if (digits.Length == TraceDigits && Guid.TryParseExact(digits, "N", out var id))
        {
            foreach (var form in "NDB")
            {
                var text = id.ToString(form.ToString());
                forms.AddRange([text, text.ToUpperInvariant()]);
            }
        }

        return [.. forms.Where(static form => form.Length > 0).Distinct(StringComparer.Ordinal)];
    }

    private static ReadOnlySpan<byte> Bare(ReadOnlySpan<byte> text)
    {
        text = text.Trim(" \t\r\n\"'{}()[]"u8);
        return text.StartsWith("0x"u8) || text.StartsWith("0X"u8) ? text[2..] : text;
    }

    // "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=…", or its middle. Source: docs.aws.amazon.com, X-Ray tracing header.
    private static bool TryXRay(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> digits)
    {
        var root = text.IndexOf("Root="u8);
        text = root < 0 ? text : text[(root + 5)..];
        var isXRay = text.Length >= 35 && text.StartsWith("1-"u8) && text[10] == '-' && (text.Length == 35 || text[35] == ';');
        digits = isXRay ? text[2..35] : default;
        return isXRay;
    }

    private static ReadOnlySpan<byte> WithoutDashes(ReadOnlySpan<byte> text)
    {
        if (text.Length is not (33 or 36) || !text.Contains((byte)'-'))
        {
            return text;
        }

        var plain = new byte[text.Length];
        var length = 0;
        foreach (var letter in text)
        {
            plain[length] = letter;
            length += letter == '-' ? 0 : 1;
        }

        return plain.AsSpan(0, length);
    }

    private static bool TryDecimal(ReadOnlySpan<byte> text, out UInt128 id)
    {
        var isDecimal = ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && text.Length >= 10;
        id = isDecimal ? number : 0;
        return isDecimal;
    }

    // Of 16 or 8 bytes, as JSON writers of protobuf have it.
    private static bool TryBase64(ReadOnlySpan<byte> text, out UInt128 id)
    {
        id = 0;
        Span<byte> bytes = stackalloc byte[18];
        if (text.Length is not (24 or 12) || text[^1] != '='
            || Base64.DecodeFromUtf8(text, bytes, out _, out var written) != OperationStatus.Done)
        {
            return false;
        }

        id = written == 16 ? BinaryPrimitives.ReadUInt128BigEndian(bytes) : written == 8 ? BinaryPrimitives.ReadUInt64BigEndian(bytes) : 0;
        return id != 0;
    }

    private static bool IsHex(ReadOnlySpan<byte> text)
    {
        foreach (var letter in text)
        {
            if (!char.IsAsciiHexDigit((char)letter))
            {
                return false;
            }
        }

        return true;
    }
}
