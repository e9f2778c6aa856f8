using Collector.Model;

namespace Collector.Receive.Rows;

/// <summary>Fills the template of a structured line (Serilog's <c>@mt</c> without <c>@m</c>) from the line's own members.</summary>
internal sealed class LineTemplate(RowBatch batch, SecretNames secrets, MappingContext tools, JsonTable table, JsonTexts texts, JsonValueWriter values)
    : TemplateText(batch, tools.Json)
{
    private static readonly Place _place = new("message");

    private readonly RowBatch _batch = batch;
    private JsonValue _line;

    /// <param name="line">The object.</param>
    /// <param name="template">A string of it.</param>
    /// <param name="room">Most bytes of the text.</param>
    public Slice Fill(JsonValue line, JsonValue template, int room)
    {
        _line = line;
        var text = texts.Column(template, room, "message");
        var start = tools.Json.Length;
        tools.Json.Limit = start + room;
        return Fill(text) == 0 ? text : tools.Json.SliceSince(start);
    }

    protected override bool TryWrite(ReadOnlySpan<byte> name)
    {
        // "@" asks for an object's structure, "$" for its text.
        name = name.Length > 1 && name[0] is (byte)'@' or (byte)'$' ? name[1..] : name;
        var value = table.Member(_line, name);
        if (value.Node == 0)
        {
            return false;
        }

        if (secrets.Of(name) == Secrecy.Secret)
        {
            tools.Json.Raw("REDACTED"u8);
            return true;
        }

        if (value.IsNumber)
        {
            var digits = texts.Id(value, "message");
            Copy(digits, 0, digits.Length);
            return true;
        }

        if (!value.IsString)
        {
            return !value.IsPresent || values.TryWrite(value, Secrecy.None, _place);
        }

        var plain = texts.Plain(value, out _);
        if (plain.Length > tools.Json.RoomLeft)
        {
            return false;
        }

        Utf8Text.AppendClean(_batch.Built, plain);
        return true;
    }
}
