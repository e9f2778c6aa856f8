using Collector.Storage.Sqlite.Driver;
using SQLitePCL;

namespace Collector.Storage.Sqlite.Segments;

/// <summary>What became of an append, in SQLite's own terms.</summary>
/// <param name="Code">Extended result code.</param>
/// <param name="Error">Its words; null when committed.</param>
internal readonly record struct SegmentAppend(int Code, string? Error)
{
    public static SegmentAppend Committed => new(raw.SQLITE_OK, null);

    public AppendResult ToResult() => new(SqliteErrors.Classify(Code), Error);
}
