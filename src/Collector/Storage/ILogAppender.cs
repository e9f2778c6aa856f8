using Collector.Model;

namespace Collector.Storage;

/// <summary>The write side of a store. One thread calls it; it is not safe for two.</summary>
public interface ILogAppender
{
    /// <summary>
    /// Stores every row of every batch in one durable transaction, or none. On <see cref="AppendStatus.Committed"/> the
    /// rows survive the loss of the process and of power, and readers find them. On anything else nothing was stored
    /// and the same batches may be given again, whole or one by one. The memory stays the caller's. Does not throw
    /// for what a database can do to it; whether to repeat is the caller's decision, by the status.
    /// </summary>
    AppendResult Append(IReadOnlyList<RowBatch> batches);
}

/// <summary>What became of an append.</summary>
public enum AppendStatus
{
    Committed,

    /// <summary>The same call may succeed later: locked, busy, out of space, an I/O error.</summary>
    Transient,

    /// <summary>These rows will never be taken; others may.</summary>
    Permanent,

    /// <summary>The store itself is damaged or gone; nothing will be taken until it is opened anew.</summary>
    Fatal,
}

/// <param name="Status">What became of it.</param>
/// <param name="Error">English, for the log and the producer; null when committed.</param>
public readonly record struct AppendResult(AppendStatus Status, string? Error)
{
    public static AppendResult Committed => new(AppendStatus.Committed, null);
}
