namespace Collector.Storage.Folder;

/// <summary>A span of event time, in nanoseconds since 1970.</summary>
/// <param name="From">The first moment in it.</param>
/// <param name="To">The first moment behind it.</param>
internal readonly record struct TimeRange(ulong From, ulong To);
