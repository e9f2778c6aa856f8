using Collector.Model;
using Collector.Protobuf;
using Collector.Receive.Rows;

namespace Collector.Receive.Otlp;

/// <summary>Writes attributes and AnyValues as JSON, by the rules of <see cref="ValueWriter"/>.</summary>
internal sealed class AnyValueWriter(RowBatch batch, MappingContext tools)
{
    // Flags, counts and notes.
    private const int SmallestRest = 256;

    private const double TwoTo63 = 9_223_372_036_854_775_808.0;

    private readonly JsonText _json = tools.Json;
    private readonly Notes _notes = tools.Notes;
    private readonly ValueWriter _values = tools.Values;
    private readonly ContextWriter _context = tools.Context;

    /// <summary>
    /// Adds a list to the context that stands open. Where there is no room for all of it, the largest values give way first; what does
    /// not fit at all is counted in a note.
    /// </summary>
    /// <param name="list">Whose attributes.</param>
    /// <param name="section">For notes.</param>
    /// <param name="rest">Bytes of what is to be written behind it: half of the room is theirs, as far as they need it.</param>
    public void Attributes(AttributeList list, string section, int rest = 0)
    {
        if (list.Count == 0)
        {
            return;
        }

        var leftOut = list.LeftOut;
        var room = _json.RoomLeft - (int)Math.Min(_json.RoomLeft / 2, (2L * rest) + SmallestRest);
        var share = list.Bytes <= room / 2 ? int.MaxValue : ShareOf(list, room);
        _json.Name("\"attributes\":{"u8);
        foreach (ref readonly var item in list.Items)
        {
            if (!item.IsRepeat && !item.IsElsewhere && !TryMember(item, new Place(section, item.Key), share))
            {
                leftOut++;
            }
        }

        _json.Raw((byte)'}');
        if (list.HasRepeats)
        {
            leftOut += Repeats(list, section);
        }

        if (leftOut > 0)
        {
            _notes.Add(section, $"{leftOut} left out, row too long");
        }
    }

    /// <summary>Writes one value; false if it did not fit, and then the caller takes back what stands there.</summary>
    public bool Write(AnyValue value, Secrecy secrecy, in Place place)
    {
        _values.Begin();
        Write(value, secrecy, place, 1);
        return _values.Fits;
    }

    /// <summary>Writes a number or a truth value as plain text.</summary>
    public void Bare(in AnyValue value)
    {
        switch (value.Kind)
        {
            case ValueKind.Bool: _json.Raw(value.AsBool ? "true"u8 : "false"u8); break;
            case ValueKind.Integer: _json.Number(value.AsInteger); break;
            case ValueKind.Real when Math.Abs(value.AsReal) < TwoTo63 && Math.Floor(value.AsReal) == value.AsReal:
                // Forwarders make doubles of integers.
                _json.Number((long)value.AsReal);
                break;
            case ValueKind.Real: _json.BareNumber(value.AsReal); break;
        }
    }

    // What each value may take so that all have room: those that need less leave it to the others.
    private static int ShareOf(AttributeList list, int room)
    {
        var (low, high) = (0, room);
        while (low < high)
        {
            var share = (low + high + 1) / 2;
            var needed = 0L;
            foreach (ref readonly var item in list.Items)
            {
                needed += item.Key.Length + ContextWriter.SmallestMember + Math.Min(item.Value.Length, share);
            }

            (low, high) = needed <= room ? (share, high) : (low, share - 1);
        }

        return Math.Max(low, ContextWriter.SmallestMember);
    }

    private int Repeats(AttributeList list, string section)
    {
        var leftOut = 0;
        _json.Name("\"repeated_attributes\":["u8);
        foreach (ref readonly var item in list.Items)
        {
            if (!item.IsRepeat)
            {
                continue;
            }

            var place = new Place(section, item.Key);
            var name = batch.Text(item.Key);
            if (name.Length + (2 * ContextWriter.SmallestMember) > _json.RoomLeft)
            {
                leftOut++;
                continue;
            }

            _json.Name("{\"key\":"u8);
            _context.NoteIfRepaired(_json.String(name), place);
            _json.Raw(",\"value\":"u8);
            Value(item, place);
            _json.Raw((byte)'}');
        }

        _json.Raw((byte)']');
        return leftOut;
    }

    private bool TryMember(in Attribute item, in Place place, int share)
    {
        if (!_context.TryName(batch.Text(item.Key), place))
        {
            return false;
        }

        var limit = _json.Limit;
        _json.Limit = (int)Math.Min(limit, (long)_json.Length + share);
        Value(item, place);
        _json.Limit = limit;
        return true;
    }

    private void Value(in Attribute item, in Place place)
    {
        _notes.Relay(place, item.Message);
        var value = AnyValue.Read(batch.Body.Written, item.Value);
        var start = _values.Begin();
        Write(value, item.Secrecy, place, 1);
        if (_values.TryEnd(start))
        {
            return;
        }

        if (value.Kind == ValueKind.Text && item.Secrecy != Secrecy.Secret)
        {
            _context.CutText(batch.Text(value.Content), place);
            return;
        }

        _context.LeaveOut(place, item.Value.Length);
    }

    private void Write(in AnyValue value, Secrecy secrecy, in Place place, int depth)
    {
        _notes.Relay(place, value.Message);
        switch (value.Kind)
        {
            case ValueKind.Text:
                _values.Text(batch.Text(value.Content), secrecy, place);
                break;
            case ValueKind.Bytes:
                _values.Bytes(batch.Text(value.Content), secrecy);
                break;
            case ValueKind.Bool or ValueKind.Integer:
                Bare(value);
                break;
            case ValueKind.Real:
                _json.Number(value.AsReal);
                break;
            case ValueKind.Array:
                Array(value.Content, secrecy, place, depth);
                break;
            case ValueKind.Map:
                Map(value.Content, secrecy, place, depth);
                break;
            default:
                _json.Raw("null"u8);
                break;
        }
    }

    private void Array(Slice members, Secrecy secrecy, in Place place, int depth)
    {
        _notes.Relay(place, members);
        _json.Raw((byte)'[');
        for (var reader = new WireReader(batch.Body.Written, members); reader.Next() && _values.Fits;)
        {
            if (reader.Field == Field.Members)
            {
                _json.Comma();
                Nested(reader.Payload, secrecy, place, depth + 1);
            }
        }

        _json.Raw((byte)']');
    }

    // A name that stands twice in a nested map is written twice: valid JSON, and nothing is lost.
    private void Map(Slice members, Secrecy secrecy, in Place place, int depth)
    {
        _json.Raw((byte)'{');
        var body = batch.Body.Written;
        for (var reader = new WireReader(body, members); reader.Next() && _values.Fits;)
        {
            if (reader.Field != Field.Members)
            {
                continue;
            }

            var member = AttributeList.Read(body, reader.Payload);
            _notes.Relay(place, member.Message);
            if (_values.TryMember(batch.Text(member.Key), secrecy, place, out var inner))
            {
                Nested(member.Value, inner, place, depth + 1);
            }
        }

        _json.Raw((byte)'}');
    }

    private void Nested(Slice value, Secrecy secrecy, in Place place, int depth)
    {
        if (depth > ValueWriter.MaxDepth)
        {
            _values.TooDeep(place);
            return;
        }

        Write(AnyValue.Read(batch.Body.Written, value), secrecy, place, depth);
    }
}
