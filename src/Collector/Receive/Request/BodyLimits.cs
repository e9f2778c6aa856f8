using Collector.Pipeline.Queue;

namespace Collector.Receive.Request;

/// <param name="MaxBytes">Largest message, before and after decompression.</param>
/// <param name="Clock">Measures how slowly senders send.</param>
internal sealed record BodyLimits(int MaxBytes, TimeProvider Clock)
{
    /// <summary>Told apart from slow senders are those that our own lack of memory holds up; null: there are none.</summary>
    public ByteBudget? Budget { get; init; }

    // A larger message is decoded in pieces where its rows don't fit.
    private const int MostAtOnce = 8 << 20;

    /// <summary>The memory that the rows of a message are expected to need, with their context.</summary>
    public static long RowsOf(int messageBytes) => Math.Min(messageBytes, MostAtOnce) + 4096L;
}
