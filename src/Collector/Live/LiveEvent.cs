namespace Collector.Live;

/// <summary>What a reader is sent: bytes that all readers share.</summary>
/// <param name="Bytes">Empty: a nudge, so that the reader looks what else there is to say.</param>
public sealed record LiveEvent(byte[] Bytes)
{
    public static LiveEvent Nudge { get; } = new([]);
}
