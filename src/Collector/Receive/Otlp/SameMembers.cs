using System.Buffers.Text;
using System.Text.Json;
using Collector.Model;
using Collector.Protobuf;
using Collector.Receive.Rows;

namespace Collector.Receive.Otlp;

/// <summary>
/// Tells whether the attributes of a record say the same as the JSON text in its body: a forwarder that parses a line sends both, and
/// both would be stored. The text counts: its numbers are the producer's, where the forwarder made doubles of them.
/// </summary>
internal readonly struct SameMembers(RowBatch batch, OtlpContext tools)
{
    // They are looked for one by one.
    private const int MaxMembers = 64;

    /// <summary>Whether each member of the object is an attribute; these are left out of the attributes then.</summary>
    public bool AreAttributes(JsonValue line)
    {
        var table = tools.Lines.Table;
        var count = 0;
        for (var walk = table.Walk(line); walk.Next();)
        {
            if (++count > MaxMembers || walk.Name.IsEscaped || !tools.Attributes.TryFind(walk.NameText, out var item)
                || !Same(AnyValue.Read(batch.Body.Written, item.Value), walk.Value, 0))
            {
                return false;
            }
        }

        for (var walk = table.Walk(line); walk.Next();)
        {
            tools.Attributes.MarkElsewhere(walk.NameText);
        }

        return count > 0;
    }

    private bool Same(in AnyValue value, JsonValue json, int depth) => value.Kind switch
    {
        ValueKind.Text => json.IsString && tools.Lines.Texts.Plain(json, out _).SequenceEqual(batch.Text(value.Content)),
        ValueKind.Bool => json.Kind == (value.AsBool ? JsonTokenType.True : JsonTokenType.False),
        ValueKind.Integer => json.IsNumber && NumberOf(json) == value.AsInteger,
        ValueKind.Real => json.IsNumber && NumberOf(json) == value.AsReal,
        ValueKind.Empty => json.Kind == JsonTokenType.Null,
        ValueKind.Array => json.IsArray && depth < MaxMembers && SameElements(value.Content, json, depth),
        ValueKind.Map => json.IsObject && depth < MaxMembers && SameMap(value.Content, json, depth),
        _ => false,
    };

    private double NumberOf(JsonValue json) => Utf8Parser.TryParse(batch.Text(json.Text), out double number, out _) ? number : double.NaN;

    private bool SameElements(Slice elements, JsonValue json, int depth)
    {
        var body = batch.Body.Written;
        var walk = tools.Lines.Table.Walk(json);
        for (var reader = new WireReader(body, elements); reader.Next();)
        {
            if (reader.Field == Field.Members && (!walk.Next() || !Same(AnyValue.Read(body, reader.Payload), walk.Value, depth + 1)))
            {
                return false;
            }
        }

        return !walk.Next();
    }

    private bool SameMap(Slice members, JsonValue json, int depth)
    {
        var body = batch.Body.Written;
        var count = 0;
        for (var reader = new WireReader(body, members); reader.Next();)
        {
            var member = reader.Field == Field.Members ? AttributeList.Read(body, reader.Payload) : default;
            var same = tools.Lines.Table.Member(json, batch.Text(member.Key));
            if (++count > MaxMembers || same.Node == 0 || !Same(AnyValue.Read(body, member.Value), same, depth + 1))
            {
                return false;
            }
        }

        for (var walk = tools.Lines.Table.Walk(json); walk.Next();)
        {
            count--;
        }

        return count == 0;
    }
}
