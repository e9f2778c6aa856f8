using Collector.Model;

namespace Collector.Storage;

/// <summary>A question for rows: a filter, an order, and a place to go on from.</summary>
internal sealed record LogQuery : RowFilter
{
    /// <summary>Newest first.</summary>
    public bool Descending { get; init; } = true;

    public int Limit { get; init; } = 100;

    /// <summary>Only rows behind this place, in the direction of the answer.</summary>
    public Position? After { get; init; }

    /// <summary>Its end is the present, which the question does not name: later rows are left out.</summary>
    public bool EndsNow { get; init; }

    /// <summary>Only rows that arrived no later; null means: whatever has arrived when the question is asked.</summary>
    public Arrival? Watermark { get; init; }
}

/// <param name="Last">Place of the last row given; null where there was none.</param>
/// <param name="More">At least one more row matches behind it.</param>
/// <param name="Watermark">What had arrived when the question was asked; the next page's question carries it.</param>
internal readonly record struct PageEnd(Position? Last, bool More, Arrival Watermark);
