using Collector.Pipeline.Ledger;

namespace Collector.Tests.Faults;

/// <summary>What is left of a life under faults, against what was promised.</summary>
/// <param name="Acknowledged">Rows whose request was answered 200.</param>
/// <param name="Lost">Of these, those that are not found.</param>
/// <param name="Twice">Rows that are found once more than they were sent.</param>
/// <param name="Ledger">After the last start; null where it has not answered.</param>
/// <param name="Wrongs">Everything that is not as promised, in words; empty where all is right.</param>
internal sealed record LifeFigures(int Acknowledged, int Lost, int Twice, LedgerCounts? Ledger, IReadOnlyList<string> Wrongs)
{
    /// <summary>Of all that ran, for whoever looks for the cause.</summary>
    public string Log { get; init; } = "";

    /// <summary>It ended before it was told to.</summary>
    public bool HasDied { get; init; }

    /// <summary>The fault came about; else the trial shows nothing.</summary>
    public bool IsMet { get; init; } = true;

    public static LifeFigures NotStarted(Producing producing, string? whyNot) =>
        new(producing.Acknowledged.Count, producing.Acknowledged.Count, 0, null, [$"it does not start again: {whyNot}"]);

    public LifeFigures With(string wrong) => this with { Wrongs = [.. Wrongs, wrong] };
}
