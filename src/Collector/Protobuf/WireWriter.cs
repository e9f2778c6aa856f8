using System.Buffers.Binary;
using Collector.Model;

namespace Collector.Protobuf;

/// <summary>
/// Appends protobuf fields to a buffer. The length of a nested message is a varint of fixed width, padded, so that it
/// can be filled in afterwards where it stands.
/// </summary>
internal readonly ref struct WireWriter(ByteBuffer target)
{
    private const int LengthBytes = 5;
    private const int MaxVarintBytes = 10;

    public ByteBuffer Target { get; } = target;

    public void Varint(int field, ulong value)
    {
        Tag(field, WireType.Varint);
        Varint(value);
    }

    public void Fixed64(int field, ulong value)
    {
        Tag(field, WireType.Fixed64);
        var span = Target.GetSpan(sizeof(ulong));
        if (BinaryPrimitives.TryWriteUInt64LittleEndian(span, value))
        {
            Target.Advance(sizeof(ulong));
        }
    }

    public void Fixed32(int field, uint value)
    {
        Tag(field, WireType.Fixed32);
        var span = Target.GetSpan(sizeof(uint));
        if (BinaryPrimitives.TryWriteUInt32LittleEndian(span, value))
        {
            Target.Advance(sizeof(uint));
        }
    }

    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Head(field, value.Length);
        Target.Append(value);
    }

    /// <summary>Begins a field of so many bytes, which the caller appends.</summary>
    public void Head(int field, int length)
    {
        Tag(field, WireType.Bytes);
        Varint((ulong)length);
    }

    /// <summary>Opens a field whose length is not known yet; what is returned is for <see cref="End"/>.</summary>
    public int Begin(int field)
    {
        Tag(field, WireType.Bytes);
        if (!Target.GetSpan(LengthBytes).IsEmpty)
        {
            Target.Advance(LengthBytes);
        }

        return Target.Length;
    }

    public void End(int begin)
    {
        if (Target.Refused)
        {
            return;
        }

        var length = Target.Length - begin;
        var place = Target.WrittenMutable.Slice(begin - LengthBytes, LengthBytes);
        for (var i = 0; i < LengthBytes; i++)
        {
            place[i] = (byte)(((length >> (7 * i)) & 0x7F) | (i < LengthBytes - 1 ? 0x80 : 0));
        }
    }

    private void Tag(int field, WireType type) => Varint(((ulong)field << 3) | (byte)type);

    private void Varint(ulong value)
    {
        var span = Target.GetSpan(MaxVarintBytes);
        if (span.IsEmpty)
        {
            return;
        }

        var length = 0;
        for (; value >= 0x80; value >>= 7)
        {
            span[length++] = (byte)(value | 0x80);
        }

        span[length++] = (byte)value;
        Target.Advance(length);
    }
}
