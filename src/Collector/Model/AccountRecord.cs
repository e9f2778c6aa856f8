namespace Collector.Model;

/// <summary>One producer's account as it is kept with the data.</summary>
/// <param name="WorkerName">The producer.</param>
/// <param name="Json">Its counts and reasons, as one JSON object.</param>
internal readonly record struct AccountRecord(string WorkerName, string Json);
