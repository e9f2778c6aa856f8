namespace Collector.Diagnostics;

/// <summary>How Collector is at one moment.</summary>
/// <param name="Version">Of the program.</param>
/// <param name="StartedAt">By the wall clock.</param>
/// <param name="Uptime">By the monotonic counter, which a change of the wall clock does not disturb.</param>
/// <param name="IsReady">Rows are taken and questions answered.</param>
/// <param name="Listen">Where producers reach it.</param>
/// <param name="Acknowledgements">Waits of producers for their rows to be on disk, of the last minutes.</param>
/// <param name="Queue">What waits in memory.</param>
/// <param name="Writer">The one thread that writes.</param>
/// <param name="Spool">What waits on disk.</param>
/// <param name="Store">What is stored.</param>
/// <param name="Access">Who may send and read.</param>
internal sealed record StatusSnapshot(
    string Version,
    DateTimeOffset StartedAt,
    TimeSpan Uptime,
    bool IsReady,
    ListenStatus Listen,
    DurationSummary Acknowledgements,
    QueueStatus Queue,
    WriterStatus Writer,
    SpoolStatus Spool,
    StoreStatus Store,
    AccessStatus Access);

/// <param name="IsSendingOpen">Anybody on this machine may send; else it takes a key.</param>
/// <param name="IsReadingOpen">Anybody on this machine may read; else it takes a key.</param>
/// <param name="Keys">Those in force.</param>
internal sealed record AccessStatus(bool IsSendingOpen, bool IsReadingOpen, IReadOnlyList<KeyStatus> Keys);

/// <param name="Name">What people call it.</param>
/// <param name="Rights">What it opens.</param>
/// <param name="Services">Whose rows it may send; empty: everybody's.</param>
/// <param name="Expires">From then on it is refused; null: never.</param>
/// <param name="Uses">Requests that came with it, since the start.</param>
/// <param name="LastUsed">When the last one came; null: not since the start.</param>
internal sealed record KeyStatus(
    string Name, string Rights, IReadOnlyList<string> Services, DateTimeOffset? Expires, long Uses, DateTimeOffset? LastUsed);

/// <param name="Grpc">Address of OTLP over gRPC; null before the start.</param>
/// <param name="Http">Address of OTLP over HTTP and of tail events; null before the start.</param>
internal sealed record ListenStatus(string? Grpc, string? Http);

/// <param name="Entries">Requests that wait.</param>
/// <param name="Capacity">Requests that may wait.</param>
/// <param name="Bytes">Memory that all requests hold, those being read included.</param>
/// <param name="MaxBytes">Memory that they may hold.</param>
internal readonly record struct QueueStatus(int Entries, int Capacity, long Bytes, long MaxBytes)
{
    /// <summary>For how long no request has got the memory that it asked for; zero while there is some.</summary>
    public TimeSpan FullFor { get; init; }
}

/// <param name="IsAlive">Its thread runs.</param>
/// <param name="IsStoreFailing">The last write failed although it was tried again.</param>
/// <param name="Failure">Why; null without a failure.</param>
/// <param name="BusyFor">How long the current write has taken; zero without one.</param>
/// <param name="Retries">Writes tried again, since the start.</param>
internal readonly record struct WriterStatus(bool IsAlive, bool IsStoreFailing, string? Failure, TimeSpan BusyFor, long Retries);

/// <param name="Bytes">On disk.</param>
/// <param name="MaxBytes">The bound.</param>
/// <param name="IsBehind">Requests on disk are not all stored yet.</param>
/// <param name="RequestsIn">Written to it, since the start.</param>
/// <param name="RequestsOut">Settled from it, since the start.</param>
/// <param name="SetAside">Entries that can't be used and were set aside, since the start.</param>
internal readonly record struct SpoolStatus(
    long Bytes, long MaxBytes, bool IsBehind, long RequestsIn, long RequestsOut, long SetAside);

/// <param name="Rows">Stored.</param>
/// <param name="Bytes">On disk.</param>
/// <param name="Segments">Files of rows.</param>
/// <param name="Unsealed">Of these, full ones that are not sealed yet.</param>
/// <param name="SealingFailures">Attempts to seal one that failed, since the start.</param>
/// <param name="RemovedSegments">Deleted by retention, since the start.</param>
/// <param name="RemovedRows">Rows in these.</param>
/// <param name="RemovedBytes">Bytes of these.</param>
/// <param name="Unreadable">Files that can't be read, wholly or in part, at this moment.</param>
internal readonly record struct StoreStatus(
    long Rows, long Bytes, int Segments, int Unsealed = 0, long SealingFailures = 0,
    long RemovedSegments = 0, long RemovedRows = 0, long RemovedBytes = 0, int Unreadable = 0)
{
    /// <summary>Damaged files found since the start, by reason.</summary>
    public IEnumerable<KeyValuePair<string, long>> Damaged { get; init; } = [];
}

/// <summary>Where the figures come from. Each may be read at any time, from any thread.</summary>
internal interface IStatusSource
{
    QueueStatus Queue { get; }

    WriterStatus Writer { get; }

    SpoolStatus Spool { get; }

    StoreStatus Store { get; }
}
