using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Collector.Commands;

/// <summary>An object a line, with SQLite's types; bytes become hexadecimal text, infinite numbers text.</summary>
internal sealed class JsonLinesFormat(Output output, IReadOnlyList<string> columns) : RowFormat
{
    private readonly ArrayBufferWriter<byte> _line = new();

    // In a terminal everything that it might obey is escaped.
    private readonly JsonWriterOptions _options = new()
    {
        Encoder = output.IsTerminal ? JavaScriptEncoder.Default : JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public override void Write(object?[] row)
    {
        _line.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(_line, _options))
        {
            json.WriteStartObject();
            for (var i = 0; i < row.Length; i++)
            {
                json.WritePropertyName(columns[i]);
                Write(json, row[i]);
            }

            json.WriteEndObject();
        }

        output.Text.WriteLine(Encoding.UTF8.GetString(_line.WrittenSpan));
    }

    private static void Write(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case long number:
                json.WriteNumberValue(number);
                break;
            case double number when double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case byte[] bytes:
                json.WriteStringValue(Convert.ToHexStringLower(bytes));
                break;
            default:
                json.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }
}
