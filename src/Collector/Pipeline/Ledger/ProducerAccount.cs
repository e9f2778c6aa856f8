namespace Collector.Pipeline.Ledger;

/// <param name="WorkerName">The producer.</param>
/// <param name="Counts">Its rows.</param>
/// <param name="Reasons">Rows by reason, for all that were not simply stored.</param>
internal sealed record ProducerAccount(string WorkerName, LedgerCounts Counts, IReadOnlyDictionary<string, long> Reasons);
