using System.Runtime.InteropServices;

namespace Collector.Receive.Request;

/// <summary>
/// Compressed bytes for a library that reads ahead and keeps silent about what it leaves over: the last byte is given by
/// itself, and only to who asks for more, so that the position tells whether all of them were wanted.
/// </summary>
internal sealed class LastByteApart(ArraySegment<byte> bytes) : MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false)
{
    public static LastByteApart Of(ReadOnlyMemory<byte> bytes) =>
        new(MemoryMarshal.TryGetArray(bytes, out var array) ? array : throw new ArgumentException("not an array", nameof(bytes)));

    /// <summary>Bad data where more follows than the message.</summary>
    public ReceiveResult Check(ReceiveResult result, string name) =>
        result.IsOk && Position < Length ? ReceiveResult.BadData($"more bytes follow the {name} data") : result;

    public override int Read(Span<byte> buffer) => base.Read(buffer[..Most(buffer.Length)]);

    public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Most(count));

    private int Most(int count) => (int)Math.Min(count, Math.Max(Length - 1 - Position, 1));
}
