using Collector.Model;

namespace Collector.Query;

/// <summary>A range of time in whole steps, as the answers of figures show it.</summary>
/// <param name="FromNanos">Beginning of the first step.</param>
/// <param name="ToNanos">End of the last one.</param>
/// <param name="StepNanos">Length of each.</param>
internal readonly record struct TimeSteps(ulong FromNanos, ulong ToNanos, ulong StepNanos)
{
    private const int DefaultMost = 100;
    private const ulong Second = 1_000_000_000;

    private static readonly ulong[] _lengths = [1, 5, 10, 30, 60, 300, 600, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400];

    public double StepSeconds => StepNanos / (double)Second;

    public ulong Count => (ToNanos - FromNanos) / StepNanos;

    public ulong TimeOf(int step) => FromNanos + ((ulong)step * StepNanos);

    /// <summary>Reads <c>from</c>, <c>to</c> and <c>step</c>; mistakes are noted at the reader.</summary>
    /// <param name="read">The parameters.</param>
    /// <param name="max">Steps that an answer may have.</param>
    public static TimeSteps Read(ParameterReader read, int max)
    {
        var (from, to) = read.Range(TimeSpan.FromHours(1));
        var step = read.Step("step");
        var steps = Whole(from, to, step ?? DefaultStep(from, to));
        if (steps.Count > (ulong)max)
        {
            read.Wrong("step", $"{steps.StepSeconds} s", $"a step of which the range has at most {max:N0}");
        }

        return steps;
    }

    /// <summary>The range, widened to whole steps, which begin at full minutes, hours and days.</summary>
    public static TimeSteps Whole(ulong from, ulong to, ulong step)
    {
        var start = from - (from % step);
        var count = ((to - start - 1) / step) + 1;
        return new TimeSteps(start, (ulong)UInt128.Min((UInt128)start + ((UInt128)count * step), ulong.MaxValue), step);
    }

    private static ulong DefaultStep(ulong from, ulong to)
    {
        var seconds = _lengths.FirstOrDefault(length => (to - from) / (length * Second) < DefaultMost);
        return (seconds == 0 ? _lengths[^1] : seconds) * Second;
    }
}
