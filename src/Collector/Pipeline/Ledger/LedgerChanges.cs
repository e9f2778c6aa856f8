using Collector.Model;

namespace Collector.Pipeline.Ledger;

/// <param name="WorkerName">The producer.</param>
/// <param name="Counts">Its rows.</param>
/// <param name="Reasons">Rows by reason, for all that were not simply stored.</param>
internal sealed record ProducerAccount(string WorkerName, LedgerCounts Counts, IReadOnlyDictionary<string, long> Reasons);

/// <param name="Accounts">Accounts that changed.</param>
/// <param name="Gaps">New markers of losses.</param>
internal sealed record LedgerChanges(IReadOnlyList<AccountRecord> Accounts, IReadOnlyList<Gap> Gaps)
{
    public bool IsEmpty => Accounts.Count == 0 && Gaps.Count == 0;
}
