using System.Buffers.Binary;
using Collector.Model;

namespace Collector.Protobuf;

/// <summary>
/// Reads the fields of one message, in their order. It trusts the bytes: <see cref="WireCheck"/> has walked the whole request
/// before, so nothing here can fail and callers need not ask. If it has not, a length beyond the message ends the
/// message: the reader never goes backwards, and so never reads for ever.
/// </summary>
internal ref struct WireReader
{
    private readonly ReadOnlySpan<byte> _body;
    private readonly int _end;
    private int _position;

    /// <param name="body">The whole request, so that offsets are those of its batch's body.</param>
    /// <param name="message">Where in it the message stands.</param>
    public WireReader(ReadOnlySpan<byte> body, Slice message)
    {
        _body = body;
        _position = message.Offset;
        _end = message.Offset + message.Length;
    }

    /// <summary>Number of the current field.</summary>
    public int Field { get; private set; }

    public WireType Type { get; private set; }

    /// <summary>Value of a field of a numeric wire type, zero-extended.</summary>
    public ulong Number { get; private set; }

    /// <summary>Value of a field of wire type <see cref="WireType.Bytes"/>.</summary>
    public Slice Payload { get; private set; }

    /// <summary>Goes to the next field. It skips groups: no message that we read has any.</summary>
    public bool Next()
    {
        while (_position < _end)
        {
            var tag = Varint();
            Field = (int)(tag >> 3);
            Type = (WireType)(tag & 7);
            switch (Type)
            {
                case WireType.Bytes:
                    var length = Length();
                    Payload = Slice.OfBody(_position, length);
                    _position += length;
                    return true;
                case WireType.Varint:
                    Number = Varint();
                    return true;
                case WireType.Fixed64:
                    Number = BinaryPrimitives.ReadUInt64LittleEndian(_body[_position..]);
                    _position += sizeof(ulong);
                    return true;
                case WireType.Fixed32:
                    Number = BinaryPrimitives.ReadUInt32LittleEndian(_body[_position..]);
                    _position += sizeof(uint);
                    return true;
                default:
                    SkipGroup();
                    break;
            }
        }

        return false;
    }

    private void SkipGroup()
    {
        for (var open = 1; open > 0;)
        {
            switch ((WireType)(Varint() & 7))
            {
                case WireType.StartGroup: open++; break;
                case WireType.EndGroup: open--; break;
                case WireType.Varint: Varint(); break;
                case WireType.Fixed64: _position += sizeof(ulong); break;
                case WireType.Fixed32: _position += sizeof(uint); break;
                default: SkipBytes(); break;
            }
        }
    }

    private void SkipBytes()
    {
        // Two statements: "+=" would read the position before the length has moved it.
        var length = Length();
        _position += length;
    }

    private int Length()
    {
        var length = Varint();
        return (int)Math.Min(length, (ulong)Math.Max(_end - _position, 0));
    }

    private ulong Varint()
    {
        ulong value = _body[_position++];
        if (value < 0x80)
        {
            return value;
        }

        value &= 0x7F;
        for (var shift = 7; ; shift += 7)
        {
            var next = _body[_position++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
