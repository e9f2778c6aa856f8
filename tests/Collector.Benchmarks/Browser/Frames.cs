using Collector.Benchmarks.Load;
using Collector.Commands;

namespace Collector.Benchmarks.Browser;

/// <summary>When frames were drawn, in milliseconds.</summary>
internal sealed class Frames(double[] times)
{
    private readonly double[] _intervals = [.. times.Zip(times.Skip(1), static (a, b) => b - a).Order()];

    public double Average => (times.Length - 1) / (times[^1] - times[0]) * 1000;

    /// <summary>Frames in the second that had the fewest.</summary>
    public int WorstSecond => Enumerable.Range(0, (int)((times[^1] - times[0]) / 1000))
        .Min(second => times.Count(time => time - times[0] >= second * 1000 && time - times[0] < (second + 1) * 1000));

    public double P99 => Quantile.Of(_intervals, 0.99);

    public double Longest => Quantile.Of(_intervals, 1);

    public override string ToString() =>
        $"{Average:0.0} frames/s, {WorstSecond} in the worst second, interval p99 {P99:0.0} ms, longest {Longest:0.0} ms";
}
