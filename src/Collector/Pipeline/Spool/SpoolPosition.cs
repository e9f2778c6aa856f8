namespace Collector.Pipeline.Spool;

/// <summary>A place in the spool's line of entries.</summary>
internal readonly record struct SpoolPosition(SpoolFileName File, long Offset);
