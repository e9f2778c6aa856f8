using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using Collector.Protobuf;
using Collector.Receive.Rows;

namespace Collector.Receive.Otlp;

/// <summary>
/// Reads the scalar forms of OTLP/JSON at the reader's current token: 64-bit integers as string or number, enums as
/// number or name, ids as hex, other bytes as base64. Each returns false where the token is something else.
/// </summary>
internal static class JsonScalar
{
    private const double TwoTo63 = 9_223_372_036_854_775_808.0;

    private static readonly (byte[] Name, int Value)[] _choices = Choices();

    public static string NameOf(FieldKind kind) => kind switch
    {
        FieldKind.Bytes => "base64",
        FieldKind.Id => "a hex id",
        FieldKind.Bool => "a boolean",
        FieldKind.Choice => "an enum number",
        FieldKind.Real => "a double",
        FieldKind.Integer => "a 64-bit integer",
        FieldKind.Fixed64 => "an unsigned 64-bit integer",
        _ => "an unsigned 32-bit integer",
    };

    public static bool TryInteger(ref Utf8JsonReader reader, out long value)
    {
        if (!TryDigits(ref reader, out var text))
        {
            value = 0;
            return false;
        }

        if (Utf8Parser.TryParse(text, out value, out var used) && used == text.Length)
        {
            return true;
        }

        // "1.0" and "1e3" are integers too.
        var isWhole = TryWhole(text, out var real) && real is >= -TwoTo63 and < TwoTo63;
        value = isWhole ? (long)real : 0;
        return isWhole;
    }

    public static bool TryCount(ref Utf8JsonReader reader, out ulong value)
    {
        if (!TryDigits(ref reader, out var text))
        {
            value = 0;
            return false;
        }

        if (Utf8Parser.TryParse(text, out value, out var used) && used == text.Length)
        {
            return true;
        }

        var isWhole = TryWhole(text, out var real) && real is >= 0 and < 2 * TwoTo63;
        value = isWhole ? (ulong)real : 0;
        return isWhole;
    }

    /// <summary>
    /// A 64-bit number as <c>{"low":1,"high":2}</c>, as protobuf.js writes it where it has no library for such numbers.
    /// </summary>
    public static bool TryHalves(ref Utf8JsonReader reader, out ulong bits)
    {
        bits = 0;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        // On a copy: what turns out to be something else is read again.
        var read = reader;
        var isThere = false;
        while (read.Read() && read.TokenType == JsonTokenType.PropertyName)
        {
            var (isLow, isHigh) = (read.ValueTextEquals("low"u8), read.ValueTextEquals("high"u8));
            read.Read();
            if (isLow || isHigh)
            {
                if (!TryInteger(ref read, out var half))
                {
                    return false;
                }

                bits |= isLow ? (uint)half : (ulong)(uint)half << 32;
                isThere = true;
            }
            else
            {
                read.Skip();
            }
        }

        reader = isThere ? read : reader;
        return isThere;
    }

    public static bool TryReal(ref Utf8JsonReader reader, out double value)
    {
        value = 0;
        return TryDigits(ref reader, out var text)
            && Utf8Parser.TryParse(text, out value, out var used) && used == text.Length
            // A number too large for a double reads as infinity, which only the word may mean.
            && (double.IsFinite(value) || text[^1] is (byte)'y' or (byte)'N');
    }

    public static bool TryChoice(ref Utf8JsonReader reader, out long value)
    {
        if (TryInteger(ref reader, out value))
        {
            return value is >= int.MinValue and <= int.MaxValue;
        }

        if (reader.TokenType != JsonTokenType.String || reader.ValueIsEscaped)
        {
            return false;
        }

        foreach (var choice in _choices)
        {
            if (reader.ValueSpan.SequenceEqual(choice.Name))
            {
                value = choice.Value;
                return true;
            }
        }

        return false;
    }

    /// <summary>Decodes hex or base64 into <paramref name="target"/>, which is as long as the token.</summary>
    public static bool TryBinary(ref Utf8JsonReader reader, FieldKind kind, Span<byte> target, out int written)
    {
        written = 0;
        if (reader.TokenType != JsonTokenType.String || target.Length < reader.ValueSpan.Length)
        {
            return false;
        }

        // An id of eight or sixteen bytes in base64 is recognised by its length and its end, which hexadecimal never has.
        if (kind == FieldKind.Id && !(reader.ValueSpan.Length is 12 or 24 && reader.ValueSpan[^1] == '='))
        {
            return Convert.FromHexString(reader.ValueSpan, target, out _, out written) == OperationStatus.Done;
        }

        // Some writers escape the slash and the equals sign.
        var length = JsonEscapes.Undo(reader.ValueSpan, target, out _);
        return Base64.DecodeFromUtf8InPlace(target[..length], out written) == OperationStatus.Done;
    }

    private static bool TryDigits(ref Utf8JsonReader reader, out ReadOnlySpan<byte> text)
    {
        var isDigits = reader.TokenType == JsonTokenType.Number
            || (reader.TokenType == JsonTokenType.String && !reader.ValueIsEscaped && !reader.ValueSpan.IsEmpty);
        text = isDigits ? reader.ValueSpan : default;
        return isDigits;
    }

    private static bool TryWhole(ReadOnlySpan<byte> text, out double value) =>
        Utf8Parser.TryParse(text, out value, out var used) && used == text.Length && Math.Floor(value) == value;

    private static (byte[] Name, int Value)[] Choices()
    {
        var names = new List<(string Name, int Value)> { ("SEVERITY_NUMBER_UNSPECIFIED", 0) };
        string[] severities = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
        for (var value = 0; value < 4 * severities.Length; value++)
        {
            var step = value % 4 == 0 ? "" : $"{(value % 4) + 1}";
            names.Add(($"SEVERITY_NUMBER_{severities[value / 4]}{step}", value + 1));
        }

        string[] kinds = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"];
        names.AddRange(kinds.Select((name, value) => ($"SPAN_KIND_{name}", value)));
        string[] codes = ["UNSET", "OK", "ERROR"];
        names.AddRange(codes.Select((name, value) => ($"STATUS_CODE_{name}", value)));
        return [.. names.Select(choice => (System.Text.Encoding.UTF8.GetBytes(choice.Name), choice.Value))];
    }
}
