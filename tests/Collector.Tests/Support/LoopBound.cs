using System.Diagnostics;

namespace Collector.Tests.Support;

/// <summary>
/// Bounds a loop whose end another thread or process decides: what doesn't come about within the time fails its test
/// instead of turning for ever. The time is real, whatever clock the test has.
/// </summary>
internal sealed class LoopBound(TimeSpan max)
{
    private readonly long _started = Stopwatch.GetTimestamp();

    public LoopBound()
        : this(TimeSpan.FromMinutes(2))
    {
    }

    /// <summary>For the end of a loop's condition: true, until the time is over.</summary>
    public bool Holds() => Stopwatch.GetElapsedTime(_started) < max
        ? true
        : throw new InvalidOperationException($"The loop has not ended within {max}.");
}
