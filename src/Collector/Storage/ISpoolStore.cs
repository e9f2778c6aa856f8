using Collector.Model;

namespace Collector.Storage;

/// <summary>
/// Requests on disk that wait for the store, in order, and the accounts of what was refused or dropped meanwhile. One thread
/// calls it, but for <see cref="Bytes"/> and <see cref="SetAside"/>, which any may read. No member throws for what a disk can
/// do to it.
/// </summary>
internal interface ISpoolStore : IDisposable
{
    /// <summary>Bytes on disk of what waits and of what was set aside; 0 where there is neither.</summary>
    long Bytes { get; }

    /// <summary>Requests and files that nobody can use and that were set aside, since the start.</summary>
    int SetAside { get; }

    /// <summary>
    /// What an earlier process left, but for the payloads; read once, before anything is added. Null where it can't be read
    /// at the moment.
    /// </summary>
    SpoolMemory? Recall();

    /// <summary>Whether the bound allows so many bytes more; else the error says so.</summary>
    bool HasRoomFor(long bytes, out string? error);

    /// <summary>
    /// Adds requests in one transaction. On true they survive the loss of the process and of power; on false none was added,
    /// and the error says why. The payloads stay the caller's.
    /// </summary>
    bool TryAppend(IReadOnlyList<SpoolEntry> entries, out string? error);

    /// <summary>Keeps accounts (each replaces what was kept under its name) and gaps (all replace all), as durably.</summary>
    bool TryKeep(IReadOnlyList<AccountRecord> accounts, IReadOnlyList<Gap> gaps, out string? error);

    /// <summary>
    /// The first request behind a position, in order; null at the end. A payload whose bytes have changed is empty.
    /// </summary>
    SpoolEntry? ReadNext(long after);

    /// <summary>Forgets everything up to a position. Not synced: what comes back after a crash is known by its key or ids.</summary>
    void Done(long through);

    /// <summary>Keeps a request that nobody can use where a person can look at it.</summary>
    void Reject(SpoolEntry entry, string reason);

    /// <summary>Requests that turned out to be unreadable since the last call: they were acknowledged, and are lost.</summary>
    IReadOnlyList<SpooledRequest> TakeLost();

    /// <summary>Called now and then: gives room back, forgets what was set aside long ago.</summary>
    void TidyUp();
}

/// <param name="Request">What is known of it without its payload.</param>
/// <param name="Payload">The whole request.</param>
internal readonly record struct SpoolEntry(SpooledRequest Request, ReadOnlyMemory<byte> Payload);

/// <param name="Requests">In order.</param>
/// <param name="Accounts">As last kept.</param>
/// <param name="Gaps">Those that the store may not have.</param>
internal sealed record SpoolMemory(
    IReadOnlyList<SpooledRequest> Requests, IReadOnlyList<AccountRecord> Accounts, IReadOnlyList<Gap> Gaps);
