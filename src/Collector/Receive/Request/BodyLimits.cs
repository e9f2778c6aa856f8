namespace Collector.Receive.Request;

/// <param name="MaxBytes">Largest message, before and after decompression.</param>
/// <param name="Clock">Measures how long senders take.</param>
internal sealed record BodyLimits(int MaxBytes, TimeProvider Clock)
{
    /// <summary>
    /// Longest time for a body to arrive once it has begun. Memory is reserved for it meanwhile, so a sender that stalls
    /// would keep others out. Clients give up after 10 s.
    /// </summary>
    public static TimeSpan Timeout => TimeSpan.FromSeconds(30);

    /// <summary>The memory that a message of this length is expected to need, with its rows and their context.</summary>
    public static long Expected(long messageBytes) => (messageBytes * 2) + 4096;
}
