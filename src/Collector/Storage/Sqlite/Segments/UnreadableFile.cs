namespace Collector.Storage.Sqlite.Segments;

/// <summary>
/// A file of the folder that can't be read, wholly or in part. Questions are answered without it and say so with a gap
/// for its time.
/// </summary>
/// <param name="Name">Of the file.</param>
/// <param name="Reason">In a word, as gaps and metrics say it: damaged, newer_format, foreign, copy.</param>
/// <param name="Error">What the engine said.</param>
/// <param name="FromNanos">Earliest time of a row that may be missing, nanoseconds since 1970.</param>
/// <param name="ToNanos">Latest time of such a row.</param>
/// <param name="Rows">Rows that may be missing; 0 where nobody knows.</param>
/// <param name="FoundNanos">When it was found.</param>
internal sealed record UnreadableFile(
    string Name, string Reason, string Error, ulong FromNanos, ulong ToNanos, long Rows, ulong FoundNanos);
