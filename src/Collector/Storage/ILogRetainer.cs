namespace Collector.Storage;

/// <summary>
/// The retaining side of a store: reports what is there, and deletes what the rules let go. Safe for any number of threads;
/// calls block their thread, a report for less than a millisecond a segment, <see cref="Retain"/> for as long as files are
/// being deleted.
/// </summary>
internal interface ILogRetainer
{
    /// <summary>What is stored at this moment, and what retention did. Reads no rows.</summary>
    /// <exception cref="IOException">The folder can't be read.</exception>
    StorageReport Report();

    /// <summary>
    /// Applies the rules of <see cref="RetentionOptions"/> now; the store does so by itself at its start, whenever it
    /// begins a segment, and every minute. A segment that a query reads leaves when the query has ended. Safe to repeat.
    /// Does not throw: what can't be deleted is logged and tried again.
    /// </summary>
    void Retain();
}

/// <param name="Segments">Oldest first.</param>
/// <param name="Bytes">On disk, files that are being deleted included.</param>
/// <param name="OtherBytes">Counted against the quota too: the spool.</param>
/// <param name="Space">Of the disk, and what is made of it.</param>
/// <param name="Aside">Damaged files that were renamed; they count for <paramref name="Bytes"/> too.</param>
/// <param name="Retention">What was deleted, and by which rule.</param>
internal sealed record StorageReport(
    IReadOnlyList<SegmentReport> Segments, long Bytes, long OtherBytes, SpaceReport Space, AsideReport Aside, RetentionReport Retention)
{
    /// <summary>Files that can't be read, wholly or in part, and are not saved yet.</summary>
    public IReadOnlyList<UnreadableReport> Unreadable { get; init; } = [];

    public long Rows => Segments.Sum(static segment => segment.Rows);
}

/// <param name="FreeBytes">Left on the disk; 0 where it can't be asked.</param>
/// <param name="FloorBytes">That stay free: below it rows are refused; 0 where the disk can't be asked.</param>
/// <param name="MaxBytes">That all files together may take now; 0: no bound.</param>
internal readonly record struct SpaceReport(long FreeBytes, long FloorBytes, long MaxBytes);

internal readonly record struct AsideReport(int Files, long Bytes);

/// <param name="Name">Of the file.</param>
/// <param name="State">hot, sealing, sealed.</param>
/// <param name="Rows">Stored in it.</param>
/// <param name="Bytes">On disk.</param>
/// <param name="FirstTimestamp">Smallest event time, nanoseconds since 1970; null where there is no row.</param>
/// <param name="LastTimestamp">Largest event time.</param>
/// <param name="FirstArrival">Earliest receipt.</param>
/// <param name="LastArrival">Latest receipt.</param>
internal sealed record SegmentReport(
    string Name, string State, long Rows, long Bytes, ulong? FirstTimestamp, ulong? LastTimestamp, ulong? FirstArrival, ulong? LastArrival);

/// <param name="Name">Of the file.</param>
/// <param name="Reason">In a word: damaged, io_error, missing, not_opened, removed, newer_format, foreign, copy.</param>
/// <param name="Error">What the engine said.</param>
/// <param name="From">Earliest time of a row that may be missing, nanoseconds since 1970.</param>
/// <param name="To">Latest time of such a row.</param>
/// <param name="Rows">Rows that are missing; 0 where nobody knows.</param>
/// <param name="FoundAt">Nanoseconds since 1970.</param>
internal sealed record UnreadableReport(string Name, string Reason, string Error, ulong From, ulong To, long Rows, ulong FoundAt);

/// <param name="LastPassAt">When the rules were last applied, nanoseconds since 1970.</param>
/// <param name="PausedUntil">No segment is deleted for its age before this time, because the clock has jumped; else null.</param>
/// <param name="Removed">All that was deleted since the start.</param>
/// <param name="RemovedEarly">Of it, what left for want of room, before <see cref="RetentionOptions.MaxAge"/>.</param>
/// <param name="Recent">The latest deletions, newest first; at most 50.</param>
internal sealed record RetentionReport(
    ulong? LastPassAt, ulong? PausedUntil, RemovedTotal Removed, RemovedTotal RemovedEarly, IReadOnlyList<RemovedSegment> Recent);

internal readonly record struct RemovedTotal(long Segments, long Rows, long Bytes)
{
    public RemovedTotal With(SegmentReport segment) => new(Segments + 1, Rows + segment.Rows, Bytes + segment.Bytes);
}

/// <param name="Segment">As it was.</param>
/// <param name="Rule">age, bytes (the quota), space (the disk was nearly full).</param>
/// <param name="RemovedAt">Nanoseconds since 1970.</param>
internal sealed record RemovedSegment(SegmentReport Segment, string Rule, ulong RemovedAt);
