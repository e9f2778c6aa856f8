namespace Collector.Receive.Request;

/// <param name="MaxBytes">Largest message, before and after decompression.</param>
/// <param name="Clock">Times slow senders out.</param>
internal sealed record BodyLimits(int MaxBytes, TimeProvider Clock)
{
    /// <summary>
    /// Longest time for a body to come in once it has begun: memory is reserved for it meanwhile, so a sender that
    /// stalls would otherwise keep others out. Clients themselves give up after 10 s.
    /// </summary>
    public static TimeSpan Timeout => TimeSpan.FromSeconds(30);

    /// <summary>What a message of this length is expected to come to in memory, with its rows and their context.</summary>
    public static long Expected(long messageBytes) => (messageBytes * 2) + 4096;
}
