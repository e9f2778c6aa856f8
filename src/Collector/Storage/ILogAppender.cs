using Collector.Model;

namespace Collector.Storage;

/// <summary>The write side of a store. One thread calls it; it is not safe for two.</summary>
internal interface ILogAppender
{
    /// <summary>
    /// Stores everything of the group in one durable transaction, or nothing. On <see cref="AppendStatus.Committed"/> it
    /// survives the loss of the process and of power, and readers find it. On anything else nothing was stored and the
    /// same batches may be given again, whole or one by one. The memory stays the caller's. Does not throw for what a
    /// database can do to it; whether to repeat is the caller's decision, by the status.
    /// </summary>
    AppendResult Append(AppendGroup group);

    /// <summary>
    /// Whether a request is stored already, by its first row's id; null where the store can't tell now. For replaying what
    /// may have been committed before.
    /// </summary>
    bool? Contains(LogId firstLogId);

    /// <summary>
    /// Acknowledged rows that turned out to be lost since the last call, by gaps. Whoever takes them counts them, and keeps
    /// that with its next append.
    /// </summary>
    IReadOnlyList<StoreLoss> TakeLosses() => [];

    /// <summary>Whether <see cref="TakeLosses"/> has any: then an append is due, though no row waits.</summary>
    bool HasLosses => false;

    /// <summary>What an earlier process kept, read once before the first append.</summary>
    /// <param name="keysSinceNanos">Only keys of requests received at or after this time.</param>
    /// <param name="streamsSinceNanos">Only streams seen at or after this time.</param>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    StoreMemory Recall(ulong keysSinceNanos, ulong streamsSinceNanos);
}

/// <param name="Accounts">Producers' accounts, as last kept.</param>
/// <param name="Keys">Keys of stored requests with their times of arrival, oldest first.</param>
/// <param name="Streams">Streams, as last kept.</param>
internal sealed record StoreMemory(
    IReadOnlyList<AccountRecord> Accounts,
    IReadOnlyList<(RequestKey Key, ulong ReceivedNanos)> Keys,
    IReadOnlyList<StreamMark> Streams)
{
    public static StoreMemory Empty { get; } = new([], [], []);
}

/// <summary>What became of an append.</summary>
internal enum AppendStatus
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
internal readonly record struct AppendResult(AppendStatus Status, string? Error)
{
    public static AppendResult Committed => new(AppendStatus.Committed, null);
}
