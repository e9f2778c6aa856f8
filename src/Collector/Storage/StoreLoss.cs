using Collector.Model;

namespace Collector.Storage;

/// <summary>Rows that a store had acknowledged and can't give back, and accounts that have to be kept anew.</summary>
/// <param name="Gaps">By producer; a name that no producer has where nobody knows whose they were.</param>
/// <param name="AllAccounts">What was kept of the accounts may be lost: all are to be kept again.</param>
internal sealed record StoreLoss(IReadOnlyList<Gap> Gaps, bool AllAccounts = false);
