using System.Text;

namespace Collector.Tests.Receive.Otlp;

/// <summary>Writes protobuf by hand, sound or broken: nothing is tested against its own writer.</summary>
internal sealed class Proto
{
    private readonly List<byte> _bytes = [];

    public byte[] ToArray() => [.. _bytes];

    public Proto Raw(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public Proto Varint(int field, long value) => Tag(field, 0).Number((ulong)value);

    public Proto Fixed64(int field, ulong value) => Tag(field, 1).Raw(BitConverter.GetBytes(value));

    public Proto Fixed32(int field, uint value) => Tag(field, 5).Raw(BitConverter.GetBytes(value));

    public Proto Bytes(int field, params byte[] value) => Tag(field, 2).Number((ulong)value.Length).Raw(value);

    public Proto Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public Proto Message(int field, Proto message) => Bytes(field, message.ToArray());

    public Proto Group(int field, Proto content) => Tag(field, 3).Raw(content.ToArray()).Tag(field, 4);

    public Proto Tag(int field, int wireType) => Number(((ulong)field << 3) | (uint)wireType);

    private Proto Number(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            _bytes.Add((byte)(value | 0x80));
        }

        _bytes.Add((byte)value);
        return this;
    }
}
