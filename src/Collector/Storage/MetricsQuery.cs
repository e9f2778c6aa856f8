using Collector.Model;

namespace Collector.Storage;

/// <summary>A question for figures, by worker and step of time.</summary>
internal sealed record MetricsQuery
{
    /// <summary>Only this worker; null: each by itself.</summary>
    public string? Worker { get; init; }

    /// <summary>Only rows of this kind; null: all.</summary>
    public Kind? Kind { get; init; }

    /// <summary>Inclusive, nanoseconds since 1970.</summary>
    public ulong From { get; init; }

    /// <summary>Exclusive.</summary>
    public ulong To { get; init; }

    /// <summary>Length of a step in nanoseconds; the first begins at <see cref="From"/>.</summary>
    public ulong Step { get; init; }

    /// <summary>
    /// Only counts by level are asked for, of this level and worse. What is not (lesser levels, durations, whose rows they
    /// are: an empty name) may be left out of the answer, where it would cost something. Null: everything is asked for.
    /// </summary>
    public Level? CountsFrom { get; init; }
}

/// <param name="Steps">Figures by worker and number of the step; without those that have no row.</param>
/// <param name="FromRollups">They come from what is kept by the minute; else each row was read.</param>
internal sealed record MetricsAnswer(IReadOnlyDictionary<(string Worker, int Step), MetricsPoint> Steps, bool FromRollups);
