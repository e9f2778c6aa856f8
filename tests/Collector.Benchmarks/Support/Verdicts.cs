using System.Globalization;

namespace Collector.Benchmarks.Support;

/// <summary>Prints what was measured against its reference and its bar, and remembers whether a bar was missed.</summary>
internal sealed class Verdicts
{
    public bool HasFailed { get; private set; }

    /// <summary>Something that has no bar.</summary>
    public static void Note(string text) => Console.WriteLine("  " + text);

    /// <summary>Passes where measured over reference is at most the bar.</summary>
    public void AtMost(double bar, string what, Figure measured, Figure reference) =>
        Ratio(what, measured, reference, measured.Value / reference.Value <= bar, $"<= {Round(bar)}");

    /// <summary>Passes where measured over reference is at least the bar.</summary>
    public void AtLeast(double bar, string what, Figure measured, Figure reference) =>
        Ratio(what, measured, reference, measured.Value / reference.Value >= bar, $">= {Round(bar)}");

    /// <summary>Passes where a figure does not exceed a bar in its own unit, which is its reference.</summary>
    public void Below(double bar, string what, double measured, string unit) =>
        AtMost(1, what, new Figure(measured, unit), new Figure(bar, unit + " (the bar)"));

    private void Ratio(string what, Figure measured, Figure reference, bool isPassed, string bar)
    {
        HasFailed |= !isPassed;
        Console.WriteLine(
            $"{what}: measured {measured}, reference {reference}, ratio {Round(measured.Value / reference.Value)}, bar {bar}, {(isPassed ? "PASS" : "FAIL")}");
    }

    private static string Round(double value) => value.ToString(value < 100 ? "0.00" : "0", CultureInfo.InvariantCulture);
}

internal readonly record struct Figure(double Value, string Unit)
{
    public override string ToString() =>
        $"{Value.ToString(Value < 100 ? "0.00" : "#,##0", CultureInfo.InvariantCulture)} {Unit}";
}
