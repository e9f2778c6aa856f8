namespace Collector.Benchmarks.Load;

internal static class Quantile
{
    /// <summary>The smallest value that this share of the sorted values does not exceed; 0 where there are none.</summary>
    public static double Of(double[] sorted, double share) =>
        sorted.Length == 0 ? 0 : sorted[Math.Clamp((int)Math.Ceiling(sorted.Length * share) - 1, 0, sorted.Length - 1)];
}
