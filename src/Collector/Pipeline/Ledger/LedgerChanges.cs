using Collector.Model;

namespace Collector.Pipeline.Ledger;

/// <param name="Accounts">Accounts that changed.</param>
/// <param name="Gaps">New markers of losses.</param>
internal sealed record LedgerChanges(IReadOnlyList<AccountRecord> Accounts, IReadOnlyList<Gap> Gaps)
{
    public bool IsEmpty => Accounts.Count == 0 && Gaps.Count == 0;
}
