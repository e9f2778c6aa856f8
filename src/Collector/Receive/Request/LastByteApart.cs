namespace Collector.Receive.Request;

/// <summary>
/// Compressed bytes for a library that reads ahead and keeps silent about what it leaves over: the last byte is given by
/// itself, and only to who asks for more, so that the position tells whether all of them were wanted.
/// </summary>
internal sealed class LastByteApart(ReadOnlyMemory<byte> bytes) : CompressedStream(bytes)
{
    /// <summary>Bad data where more follows than the message.</summary>
    public ReceiveResult Check(ReceiveResult result, string name) =>
        result.IsOk && Position < Length ? ReceiveResult.BadData($"more bytes follow the {name} data") : result;

    public override int Read(Span<byte> buffer) => base.Read(buffer[..Most(buffer.Length)]);

    private int Most(int count) => (int)Math.Min(count, Math.Max(Length - 1 - Position, 1));
}
