using System.Buffers.Binary;

namespace Collector.Model;

/// <summary>
/// The key of a request, by which a repeat is recognised: a 256-bit hash of its signal and of what its rows are made of.
/// </summary>
internal readonly record struct RequestKey(UInt128 High, UInt128 Low) : IComparable<RequestKey>
{
    /// <summary>Length of the binary form.</summary>
    public const int Length = 32;

    /// <param name="bytes">Exactly <see cref="Length"/> bytes.</param>
    public static RequestKey Of(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt128BigEndian(bytes), BinaryPrimitives.ReadUInt128BigEndian(bytes[16..]));

    public int CompareTo(RequestKey other) => High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt128BigEndian(target, High);
        BinaryPrimitives.WriteUInt128BigEndian(target[16..], Low);
    }
}
