using System.Runtime.CompilerServices;

namespace Collector.Protobuf;

/// <summary>
/// Walks a whole request once, before anything of it is mapped: every varint, length, group and wire type. It finds all
/// errors, so that the mapping behind it has no error paths. It does not throw and does not recurse: messages and groups nest
/// on a stack of fixed size, and what the schema does not open stays closed.
/// </summary>
internal ref struct WireCheck
{
    private const int MaxGroupDepth = 100;
    private const int MaxVarintBytes = 10;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly MessageSchema _schema;
    private readonly bool _mayRepeat;
    private int _position;
    private int _end;
    private WireFault? _fault;

    private WireCheck(ReadOnlySpan<byte> bytes, MessageSchema schema, bool mayRepeat)
    {
        _bytes = bytes;
        _schema = schema;
        _mayRepeat = mayRepeat;
        _end = bytes.Length;
    }

    /// <summary>The first fault, or null.</summary>
    /// <param name="bytes">The request.</param>
    /// <param name="schema">Says what its messages are.</param>
    /// <param name="message">Number of the request's own.</param>
    /// <param name="mayRepeat">
    /// A message that may stand once may stand again, and the last one counts, as among the names of a JSON object.
    /// Otherwise it is a fault: no client known sends one, and protobuf would merge them, which nothing here does.
    /// </param>
    public static WireFault? Find(ReadOnlySpan<byte> bytes, MessageSchema schema, byte message, bool mayRepeat = false)
    {
        var check = new WireCheck(bytes, schema, mayRepeat);
        check.Walk(message);
        return check._fault;
    }

    private void Walk(byte root)
    {
        Span<Frame> outer = stackalloc Frame[_schema.MaxDepth];
        var depth = 0;
        var current = new Frame { End = _end, Message = root };
        while (_fault is null)
        {
            if (_position == current.End)
            {
                if (depth == 0)
                {
                    return;
                }

                current = outer[--depth];
                _end = current.End;
                continue;
            }

            var start = _position;
            if (!TryTag(out var field, out var type))
            {
                return;
            }

            var rule = _schema.RuleOf(current.Message, field);
            if (rule.IsKnown && rule.WireType != type)
            {
                FailType(start, _schema.Find(current.Message, field)!, type);
            }
            else if (type != WireType.Bytes)
            {
                Skip(field, type, start);
            }
            else if (TryLength(out var length))
            {
                if (!rule.IsMessage || !_schema.CanOpen(rule.Child, current.NestedDepth))
                {
                    _position += length;
                    continue;
                }

                var bit = rule.IsSingularMessage ? 1u << (int)field : 0;
                if ((current.Seen & bit) != 0 && !_mayRepeat)
                {
                    FailRepeat(start, _schema.Find(current.Message, field)!);
                    return;
                }

                current.Seen |= bit;
                outer[depth++] = current;
                _end = _position + length;
                current = new Frame
                {
                    End = _end,
                    Message = rule.Child,
                    NestedDepth = current.NestedDepth + (_schema.IsNested(rule.Child) ? 1 : 0),
                };
            }
        }
    }

    private bool TryTag(out uint field, out WireType type)
    {
        var start = _position;
        var read = TryVarint(out var tag);
        field = (uint)(tag >> 3);
        type = (WireType)(tag & 7);
        return read && ((tag is > 7 and <= uint.MaxValue && type <= WireType.Fixed32) || FailTag(start, tag));
    }

    private bool FailTag(int start, ulong tag)
    {
        var field = tag >> 3;
        return tag > uint.MaxValue ? Fail(start, "the field number is larger than 536870911")
            : field == 0 ? Fail(start, "field number 0")
            : Fail(start, $"wire type {tag & 7} of field {field}");
    }

    private bool TryLength(out int length)
    {
        var start = _position;
        length = 0;
        if (!TryVarint(out var value))
        {
            return false;
        }

        if (value > (ulong)(_end - _position))
        {
            return Fail(start, $"length {value}", $" runs past the end of the message ({_bytes.Length} bytes)");
        }

        length = (int)value;
        return true;
    }

    private bool Skip(uint field, WireType type, int start) => type switch
    {
        WireType.Varint => TryVarint(out _),
        WireType.Fixed64 => TryPass(sizeof(ulong), start, field),
        WireType.Fixed32 => TryPass(sizeof(uint), start, field),
        WireType.Bytes => TryLength(out var length) && TryPass(length, start, field), // Inside a group.
        WireType.StartGroup => SkipGroup(field, start),
        _ => Fail(start, $"end of group {field}", " without its start"),
    };

    private bool TryPass(int count, int start, uint field)
    {
        if (count > _end - _position)
        {
            return Fail(start, $"field {field}", $" runs past the end of the message ({_bytes.Length} bytes)");
        }

        _position += count;
        return true;
    }

    private bool SkipGroup(uint group, int groupStart)
    {
        Span<uint> open = stackalloc uint[MaxGroupDepth];
        open[0] = group;
        for (var depth = 1; depth > 0;)
        {
            var start = _position;
            if (_position == _end)
            {
                return Fail(groupStart, $"group {group}", " has no end");
            }

            if (!TryTag(out var field, out var type))
            {
                return false;
            }

            if (type == WireType.StartGroup && depth == MaxGroupDepth)
            {
                return Fail(start, $"groups nested deeper than {MaxGroupDepth}");
            }

            if (type == WireType.StartGroup)
            {
                open[depth++] = field;
            }
            else if (type == WireType.EndGroup && field == open[depth - 1])
            {
                depth--;
            }
            else if (!Skip(field, type, start))
            {
                return false;
            }
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryVarint(out ulong value)
    {
        if (_position < _end && _bytes[_position] < 0x80)
        {
            value = _bytes[_position++];
            return true;
        }

        return TryLongVarint(out value);
    }

    private bool TryLongVarint(out ulong value)
    {
        var start = _position;
        value = 0;
        for (var shift = 0; _position < _end; shift += 7)
        {
            if (_position - start == MaxVarintBytes)
            {
                return Fail(start, "a varint", $" is longer than {MaxVarintBytes} bytes");
            }

            var next = _bytes[_position++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return true;
            }
        }

        return Fail(start, "the varint", $" is cut off by the end of the message ({_bytes.Length} bytes)");
    }

    private void FailType(int offset, FieldSpec spec, WireType found) =>
        Fail(offset, $"field {spec.Number} ({spec.Name}) has wire type {(int)found} instead of {(int)spec.WireType}");

    private void FailRepeat(int offset, FieldSpec spec) =>
        Fail(offset, $"field {spec.Number} ({spec.Name})", " stands a second time in its message, where one may stand");

    private bool Fail(int offset, string what, string rest = "")
    {
        _fault ??= new WireFault(offset, $"{what} at offset {offset}{rest}");
        return false;
    }

    private struct Frame
    {
        public int End;
        public int NestedDepth;
        public uint Seen;
        public byte Message;
    }
}
